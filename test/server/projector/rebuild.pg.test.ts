import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Projection } from '../../../projections/projection.ts';
import { projections } from '../../../projections/registry.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import { compareWithFold } from '../../../src/server/projector/compare-with-fold.ts';
import { positionOf } from '../../../src/server/projector/progress.ts';
import { RebuildFailed } from '../../../src/server/projector/rebuild-failed.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import { type Projector, startProjector } from '../../../src/server/projector/run.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, dumpReadModels, idOf, randomLog } from './log-rows.ts';

const WORKSPACES = [idOf('first workspace'), idOf('second workspace')] as const;

let test: TestDatabase;
let projector: Projector;
beforeEach(async () => {
  test = await openTestDatabase();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  projector = await startProjector({ database: test.database, wake: { subscribe: () => () => {} }, log });
});
afterEach(async () => {
  await projector.stop();
  await test[Symbol.asyncDispose]();
});

const names = async (sql: string): Promise<string[]> =>
  (await test.database.projector.query<{ name: string }>(`select ${sql}`)).rows.map(({ name }) => name);

it('loses and doubles nothing while events come in and read models are read', async () => {
  const { owner, app, projector: pool } = test.database;
  const logs = [randomLog(80, 31), randomLog(80, 33)] as const;
  await appendRows(owner, WORKSPACES[0], logs[0].slice(0, 300));
  let writing = true;
  let reads = 0;
  const reading = (async () => {
    while (writing) {
      await app
        .for(WORKSPACES[0])
        .query('select count(*) from crm.deal join crm.deal_history on deal_history.deal_id = deal.id');
      reads += 1;
    }
  })();
  const appending = (async () => {
    for (let at = 0; at < 300 + logs[0].length; at += 20) {
      if (at >= 300) await appendRows(owner, WORKSPACES[0], logs[0].slice(at, at + 20));
      await appendRows(owner, WORKSPACES[1], logs[1].slice(at, at + 20));
    }
  })();
  for (let round = 0; round < 3; round++) await rebuild(pool, projections);
  await appending;
  await rebuild(pool, projections);
  writing = false;
  await reading;
  await projector.idle();
  const live = await dumpReadModels(pool);
  await projector.stop();
  await rebuild(pool, projections);
  expect(await dumpReadModels(pool)).toEqual(live);
  expect(reads).toBeGreaterThan(5);
  for (const workspaceId of WORKSPACES) {
    const { rows } = await owner.query<{ head: number }>('select head from workspace where workspace_id = $1', [
      workspaceId,
    ]);
    expect(await positionOf(app.for(workspaceId), workspaceId)).toBe(rows[0]?.head);
  }
});

it('folds in several threads what it folds in one', async () => {
  const { owner, projector: pool } = test.database;
  for (const [index, workspaceId] of WORKSPACES.entries()) {
    const head = await appendRows(owner, workspaceId, randomLog(60, 61 + index));
    expect(head).toBeGreaterThan(100);
  }
  await projector.idle();
  const live = await dumpReadModels(pool);
  const reported: number[] = [];
  await rebuild(pool, projections, { threads: 2, rangeEvents: 20, onProgress: ({ events }) => reported.push(events) });
  expect(await dumpReadModels(pool)).toEqual(live);
  expect(reported.length).toBeGreaterThan(1);
});

it('hears of a failure in another thread', async () => {
  const { owner, projector: pool } = test.database;
  const log = randomLog(40, 67);
  const spoilt = log.map((event) => ({ ...event, data: { ...event.data, amountMinor: 1.5, currency: 'EUR' } }));
  await appendRows(owner, WORKSPACES[0], spoilt);
  await projector.idle();
  const before = await dumpReadModels(pool);
  await expect(rebuild(pool, projections, { threads: 2, rangeEvents: 5 })).rejects.toThrow(RebuildFailed);
  expect(await dumpReadModels(pool)).toEqual(before);
});

it('is strict: an event that cannot be folded ends it, is named, and leaves the live tables as they were', async () => {
  const { owner, projector: pool } = test.database;
  await appendRows(owner, WORKSPACES[0], randomLog(30, 37));
  await projector.idle();
  const before = await dumpReadModels(pool);
  const strict = projections.map((projection): Projection =>
    projection.name !== 'deal'
      ? projection
      : {
          ...projection,
          fold: (state, event) => {
            if (event.version === 3) throw new Error('no third event, please');
            return projection.fold(state, event);
          },
        },
  );
  await expect(rebuild(pool, strict)).rejects.toThrow(RebuildFailed);
  await expect(rebuild(pool, strict)).rejects.toThrow(
    /projection deal .* position \d+ of stream .*no third event, please/,
  );
  expect(await dumpReadModels(pool)).toEqual(before);
  await rebuild(pool, projections);
  expect(await dumpReadModels(pool)).toEqual(before);
});

it('names the stream whose row PostgreSQL refuses', async () => {
  const { owner, projector: pool } = test.database;
  const [event] = randomLog(1, 41) as [ReturnType<typeof randomLog>[number]];
  await appendRows(owner, WORKSPACES[0], [{ ...event, data: { ...event.data, amountMinor: 1.5, currency: 'EUR' } }]);
  await expect(rebuild(pool, projections)).rejects.toThrow(
    new RegExp(`lead_v3_rebuild .* ${event.stream.id} in workspace`),
  );
});

it('frees the streams that were parked, as it folded them', async () => {
  const { owner, projector: pool } = test.database;
  await appendRows(owner, WORKSPACES[0], randomLog(9, 43));
  await projector.idle();
  await pool.query(
    `insert into parked_stream (workspace_id, projection, version, stream_id, position, error)
     select workspace_id, 'deal', 3, id, 1, 'mended since' from read_model.deal_v3`,
  );
  await rebuild(pool, projections);
  expect(await names('stream_id::text as name from parked_stream')).toEqual([]);
});

it('leaves tables, keys, indexes, views, comments and grants as if nothing had happened', async () => {
  const { owner, projector: pool, app } = test.database;
  const catalogue = async () => ({
    relations: await names(
      `format('%s.%s %s', n.nspname, c.relname, c.relkind) as name from pg_class c join pg_namespace n on n.oid = relnamespace
       where nspname in ('read_model', 'crm') and c.relkind <> 't' order by 1`,
    ),
    indexes: await names(`indexdef as name from pg_indexes where schemaname = 'read_model' order by 1`),
    comments: await names(
      `format('%s.%s %s', c.relname, d.objsubid, d.description) as name from pg_description d join pg_class c on c.oid = d.objoid
       join pg_namespace n on n.oid = relnamespace where nspname = 'crm' order by 1`,
    ),
    grants: await names(
      `format('%s %s %s %s', table_schema, table_name, grantee, privilege_type) as name
       from information_schema.role_table_grants where table_schema in ('read_model', 'crm') order by 1`,
    ),
  });
  const before = await catalogue();
  await appendRows(owner, WORKSPACES[0], randomLog(20, 47));
  await rebuild(pool, projections);
  expect(await catalogue()).toEqual(before);
  await app.outside.query('select * from crm.deal');
});

it('throws away what a rebuild that was cut short left behind', async () => {
  const { owner, projector: pool } = test.database;
  await appendRows(owner, WORKSPACES[0], randomLog(20, 53));
  await projector.idle();
  const before = await dumpReadModels(pool);
  await pool.query('create table read_model.deal_v3_rebuild as select * from read_model.deal_v3');
  await pool.query('create table read_model.lead_v3_retired as select * from read_model.lead_v3');
  await rebuild(pool, projections);
  expect(await dumpReadModels(pool)).toEqual(before);
  expect(await names(`relname as name from pg_class where relname ~ '_(rebuild|retired)$'`)).toEqual([]);
});

it('refuses to run beside another one', async () => {
  const { projector: pool } = test.database;
  const results = await Promise.allSettled([rebuild(pool, projections), rebuild(pool, projections)]);
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatchObject({ reason: { message: expect.stringContaining('under way') } });
});

it('rebuilds a database without a single event', async () => {
  await rebuild(test.database.projector, projections);
  expect(await names('count(*)::text as name from read_model.lead_v3')).toEqual(['0']);
});

describe('a comparison with the fold', () => {
  const compared = async () => {
    const { projector: pool, owner } = test.database;
    const { rows } = await owner.query<{ id: Uuid; head: number }>('select workspace_id as id, head from workspace');
    await compareWithFold(pool, projections, {
      positions: new Map(rows.map(({ id, head }) => [id, head])),
      suffix: '',
    });
  };

  it('finds what a read model should not hold, lacks, or holds otherwise', async () => {
    const { owner, projector: pool } = test.database;
    await appendRows(owner, WORKSPACES[0], randomLog(40, 41));
    await projector.idle();
    await projector.stop();
    await compared();
    const faults = [
      `update read_model.lead_v3 set status = 'qualified', version = version + 1`,
      'delete from read_model.deal_stage_visit_v3 where visit = 1',
      'insert into read_model.deal_history_v3 select (jsonb_populate_record(h, \'{"entry": 99}\')).* from read_model.deal_history_v3 h where entry = 1',
    ];
    for (const fault of faults) {
      await pool.query(fault);
      await expect(compared()).rejects.toThrow(/lacks \d+ rows that the log gives and holds \d+ that it does not/);
      await rebuild(pool, projections);
      await compared();
    }
  });
});
