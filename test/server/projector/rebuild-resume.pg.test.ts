import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Projection } from '../../../projections/projection.ts';
import { projections } from '../../../projections/registry.ts';
import { dropOldVersions } from '../../../src/server/projector/old-versions.ts';
import { rebuildStatus, wantRebuild } from '../../../src/server/projector/rebuild-control.ts';
import { RebuildStopped } from '../../../src/server/projector/rebuild-failed.ts';
import { discardRebuild, rebuild } from '../../../src/server/projector/rebuild.ts';
import { startProjector } from '../../../src/server/projector/run.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, dumpReadModels, idOf, randomLog } from './log-rows.ts';

const WORKSPACE = idOf('workspace');
const SMALL = { rangeEvents: 20 };

let test: TestDatabase;
let pool: TestDatabase['database']['projector'];
beforeEach(async () => {
  test = await openTestDatabase();
  pool = test.database.projector;
  await appendRows(test.database.owner, WORKSPACE, randomLog(120, 41));
  const quiet = { subscribe: () => () => {} };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const projector = await startProjector({ database: test.database, wake: quiet, log });
  await projector.idle();
  await projector.stop();
});
afterEach(() => test[Symbol.asyncDispose]());

/** A rebuild that somebody stops when it has folded so many events. */
const stopped = (after: number, wanted: 'paused' | 'canceled'): Promise<void> =>
  rebuild(pool, projections, {
    ...SMALL,
    onProgress: ({ events }) => void (events > after && wantRebuild(pool, wanted)),
  });

it('goes on where one ended that was cut short, and folds no range twice', async () => {
  const live = await dumpReadModels(pool);
  await expect(stopped(100, 'paused')).rejects.toThrow(RebuildStopped);
  const status = await rebuildStatus(pool);
  expect(status).toMatchObject({ phase: 'folding', wanted: 'paused', running: false });
  const done = status?.eventsDone ?? 0;
  expect(done).toBeGreaterThan(100);
  expect(done).toBeLessThan(status?.events ?? 0);

  await wantRebuild(pool, 'running');
  const seen: number[] = [];
  await rebuild(pool, projections, { ...SMALL, onProgress: (progress) => seen.push(progress.events) });
  expect(seen[0]).toBe(done);
  expect(await rebuildStatus(pool)).toBeUndefined();
  expect(await dumpReadModels(pool)).toEqual(live);
});

it('takes in what was recorded between, new workspaces too', async () => {
  await expect(stopped(60, 'paused')).rejects.toThrow('paused');
  const more = randomLog(30, 97);
  await appendRows(test.database.owner, idOf('a new workspace'), more);
  await wantRebuild(pool, 'running');
  await rebuild(pool, projections, SMALL);
  const resumed = await dumpReadModels(pool);
  await rebuild(pool, projections);
  expect(await dumpReadModels(pool)).toEqual(resumed);
});

it('is thrown away where the versions are others by now, and begun anew', async () => {
  await expect(stopped(60, 'paused')).rejects.toThrow('paused');
  const live = await dumpReadModels(pool);
  const some = projections.filter(({ name }) => name === 'lead' || name === 'deal');
  const seen: number[] = [];
  await rebuild(pool, some, { ...SMALL, onProgress: ({ events }) => seen.push(events) });
  expect(seen[0]).toBe(0);
  expect(await dumpReadModels(pool)).toEqual(live);
});

it('that is canceled leaves nothing behind', async () => {
  const live = await dumpReadModels(pool);
  await expect(stopped(60, 'canceled')).rejects.toThrow('canceled');
  const shadows = `select relname from pg_class where relname like '%\\_rebuild' and relnamespace = 'read_model'::regnamespace`;
  expect((await pool.query(shadows)).rows).toEqual([]);
  expect(await rebuildStatus(pool)).toBeUndefined();
  expect(await dumpReadModels(pool)).toEqual(live);

  await expect(stopped(60, 'paused')).rejects.toThrow('paused');
  await discardRebuild(pool, projections);
  expect((await pool.query(shadows)).rows).toEqual([]);
});

it('that failed at an event leaves nothing behind either', async () => {
  let folded = 0;
  const fragile = projections.map((projection): Projection => ({
    ...projection,
    fold: (state, event) => {
      if ((folded += 1) > 100) throw new TypeError('no more, please');
      return projection.fold(state, event);
    },
  }));
  await expect(rebuild(pool, fragile, SMALL)).rejects.toThrow('no more, please');
  expect(await rebuildStatus(pool)).toBeUndefined();
});

it('old versions are dropped when no server of theirs is alive', async () => {
  const old = 'create table read_model.lead_v1 (workspace_id uuid)';
  await pool.query(old);
  await pool.query('create table read_model.something_else_v1 (workspace_id uuid)');
  await pool.query(
    `insert into projection_lease (workspace_id, fleet, holder, expires_at) values ($1, 'another', $1, now() + interval '1 minute')`,
    [WORKSPACE],
  );
  await expect(dropOldVersions(pool, projections)).rejects.toThrow('another release');
  await pool.query('delete from projection_lease');
  expect(await dropOldVersions(pool, projections)).toEqual(['lead_v1']);
  expect((await pool.query(`select to_regclass('read_model.something_else_v1') as kept`)).rows[0]).toMatchObject({
    kept: 'read_model.something_else_v1',
  });
});
