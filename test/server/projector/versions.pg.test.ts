import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Projection } from '../../../projections/projection.ts';
import { projections } from '../../../projections/registry.ts';
import { RebuildFailed } from '../../../src/server/projector/rebuild-failed.ts';
import { type Projector, startProjector } from '../../../src/server/projector/run.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, dumpReadModels, idOf, randomLog } from './log-rows.ts';

const WORKSPACE = idOf('a workspace');
const log = { info: () => {}, warn: () => {}, error: () => {} };

let test: TestDatabase;
const started: Projector[] = [];
const start = async (chosen: readonly Projection[]): Promise<Projector> => {
  const projector = await startProjector({
    database: test.database,
    wake: { subscribe: () => () => {} },
    log,
    projections: chosen,
  });
  started.push(projector);
  return projector;
};
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((projector) => projector.stop()));
  await test[Symbol.asyncDispose]();
});

const capitals = (name: unknown): string | null => (typeof name === 'string' ? name.toUpperCase() : null);

/** The same code a release later: deals say their names in capitals. */
const next = projections.map((projection): Projection =>
  projection.name !== 'deal'
    ? projection
    : {
        ...projection,
        version: projection.version + 1,
        row: (state) => ({ ...projection.row(state), name: capitals(projection.row(state)['name']) }),
      },
);

const readAll = async (text: string): Promise<Record<string, unknown>[]> =>
  (await test.database.app.for(WORKSPACE).query(text)).rows;
const names = async (table: string): Promise<unknown[]> =>
  (await readAll(`select name from ${table} order by id`)).map(({ name }) => name);
const counts = async (table: string): Promise<number> =>
  Number((await readAll(`select count(*) as count from ${table}`))[0]?.['count']);

it('a new version is built beside the old one, which serves until it is whole', async () => {
  const head = await appendRows(test.database.owner, WORKSPACE, randomLog(200, 71));
  await (await start(projections)).idle();
  const before = await counts('crm.deal');
  expect(before).toBeGreaterThan(10);
  let building = true;
  const seen: number[] = [];
  const reading = (async () => {
    while (building) seen.push(await counts('crm.deal'));
  })();
  const newer = await start(next);
  building = false;
  await reading;
  expect(new Set(seen)).toEqual(new Set([before]));
  await newer.idle();
  expect(await names('read_model.deal_v4')).toEqual((await names('read_model.deal_v3')).map(capitals));
  expect(await names('crm.deal')).toEqual(await names('read_model.deal_v4 where deleted_at is null'));
  expect(head).toBeGreaterThan(100);
});

it('servers of both versions keep their own up to date, and the old one can be gone back to at once', async () => {
  const log1 = randomLog(60, 73);
  await appendRows(test.database.owner, WORKSPACE, log1.slice(0, 100));
  const old = await start(projections);
  await old.idle();
  const newer = await start(next);
  await appendRows(test.database.owner, WORKSPACE, log1.slice(100, 180));
  await Promise.all([old.idle(), newer.idle()]);
  await Promise.all([old.idle(), newer.idle()]);
  const upper = (await names('read_model.deal_v3')).map(capitals);
  expect(await names('read_model.deal_v4')).toEqual(upper);
  await newer.stop();
  await old.stop();
  started.length = 0;
  const back = await start(projections);
  await back.idle();
  expect(await names('crm.deal')).toEqual(await names('read_model.deal_v3 where deleted_at is null'));
});

it('two servers of a new version that start at once build it once', async () => {
  await appendRows(test.database.owner, WORKSPACE, randomLog(60, 79));
  await (await start(projections)).idle();
  await Promise.all([start(next), start(next)]);
  expect(await counts('read_model.deal_v4')).toBe(await counts('read_model.deal_v3'));
});

it('a new version that cannot take in an event does not come, and changes nothing', async () => {
  await appendRows(test.database.owner, WORKSPACE, randomLog(60, 83));
  await (await start(projections)).idle();
  const before = await dumpReadModels(test.database.projector);
  const broken = next.map((projection): Projection =>
    projection.name !== 'deal'
      ? projection
      : {
          ...projection,
          fold: (state, event) => {
            if (event.version === 2) throw new Error('no second event, please');
            return projection.fold(state, event);
          },
        },
  );
  await expect(start(broken)).rejects.toThrow(RebuildFailed);
  expect(await dumpReadModels(test.database.projector)).toEqual(before);
});

it('a read model that is new is there from the first moment that it can be read', async () => {
  await appendRows(test.database.owner, WORKSPACE, randomLog(400, 89));
  const without = projections.filter(({ name }) => name !== 'activity');
  await (await start(without)).idle();
  await start(projections);
  const activities = await readAll(
    `select count(distinct stream_id) as count from event where stream_type = 'activity'`,
  );
  expect(await counts('read_model.activity_v2')).toBe(Number(activities[0]?.['count']));
});
