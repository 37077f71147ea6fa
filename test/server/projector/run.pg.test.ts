import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Projection } from '../../../projections/projection.ts';
import { projections } from '../../../projections/registry.ts';
import type { StoredEvent } from '../../../src/shared/contract/envelope.ts';
import { claimLease, fleetOf, releaseLeases } from '../../../src/server/projector/leases.ts';
import { retryParked } from '../../../src/server/projector/parked-streams.ts';
import { LeaseLost, projectBatch } from '../../../src/server/projector/project-batch.ts';
import { positionOf, projectionLag } from '../../../src/server/projector/progress.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import { type ProjectorLog, startProjector } from '../../../src/server/projector/run.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, dumpReadModels, idOf, randomLog, rowCounts } from './log-rows.ts';

const WORKSPACE = idOf('workspace');
const OTHER = idOf('other workspace');

let test: TestDatabase;
let errors: unknown[];
let log: ProjectorLog;
beforeEach(async () => {
  test = await openTestDatabase();
  errors = [];
  log = { info: () => {}, warn: () => {}, error: (details) => void errors.push(details) };
});
afterEach(() => test[Symbol.asyncDispose]());

const quiet = { subscribe: () => () => {} };
const start = (chosen: readonly Projection[] = projections) =>
  startProjector({ database: test.database, wake: quiet, log, projections: chosen });

const append = (events: readonly StoredEvent[], workspaceId = WORKSPACE) =>
  appendRows(test.database.owner, workspaceId, events);

const count = async (sql: string): Promise<number> =>
  (await test.database.projector.query<{ n: number }>(`select count(*) as n from ${sql}`)).rows[0]?.n ?? -1;

const noteAt = (stream: string, version: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  position: 0,
  id: '',
  stream: { type: 'lead', id: idOf(stream) },
  version,
  type: version === 1 ? 'LeadCreated' : 'LeadDetailsChanged',
  schemaVersion: 1,
  actor: idOf('ada'),
  device: idOf('phone'),
  at: `2026-11-22T10:00:0${version}.000Z-0000-${idOf('phone')}`,
  clock: `2026-11-22T10:00:0${version}.000Z-0000-${idOf('phone')}`,
  recordedAt: '2026-11-22T10:30:00.000Z',
  superseded: [],
  data: { name: `${stream} ${version}` },
  ...more,
});

/** Throws at a lead named so, until it is mended. */
const fragile = () => {
  const [lead] = projections as [Projection];
  let broken = true;
  const projection: Projection = {
    ...lead,
    fold: (state, event) => {
      if (broken && event.data['name'] === 'bad 2') throw new Error('cannot fold this one');
      return lead.fold(state, event);
    },
  };
  return { projection, mend: () => void (broken = false) };
};

it('makes the same rows live, in batches of any size, as a rebuild makes of the whole log, byte for byte', async () => {
  const events = randomLog(120, 5);
  const projector = await start();
  for (const [at, size] of [
    [0, 1],
    [1, 2],
    [3, 40],
    [43, 400],
    [443, events.length],
  ] as const) {
    await append(events.slice(at, at + size));
    await projector.idle();
  }
  await projector.stop();
  const live = await dumpReadModels(test.database.projector);
  await rebuild(test.database.projector, projections);
  const rebuilt = await dumpReadModels(test.database.projector);
  expect(rebuilt).toEqual(live);
  for (const [table, rows] of Object.entries(rowCounts(live))) {
    if (table !== 'workspace') expect(rows, table).toBeGreaterThan(0);
  }
  expect(errors).toEqual([]);
});

it('shares the work between nodes and counts every event once, though sessions are cut all the time', async () => {
  const logs = [randomLog(40, 9), randomLog(40, 10)] as const;
  const longest = Math.max(...logs.map((events) => events.length));
  const nodes = await Promise.all([start(), start()]);
  const cutting = setInterval(() => {
    void test.database.owner
      .query(`select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'leadzen_projector' and datname = current_database() and random() < 0.5`)
      .catch(() => undefined);
  }, 40);
  for (let at = 0; at < longest; at += 25) {
    await append(logs[0].slice(at, at + 25), WORKSPACE);
    await append(logs[1].slice(at, at + 25), OTHER);
    await Promise.race([Promise.all(nodes.map((node) => node.idle())), delay(100)]);
  }
  clearInterval(cutting);
  await expect
    .poll(() => count(`workspace w join projection_checkpoint c using (workspace_id) where c.position < w.head`), {
      timeout: 25_000,
    })
    .toBe(0);
  await Promise.all(nodes.map((node) => node.stop()));
  const live = await dumpReadModels(test.database.projector);
  await rebuild(test.database.projector, projections);
  expect(await dumpReadModels(test.database.projector)).toEqual(live);
  expect(await count('parked_stream')).toBe(0);
});

it('moves the checkpoints of all projections over events that none of them handles', async () => {
  const head = await append([noteAt('a', 1, { type: 'SomethingNewer', stream: { type: 'import', id: idOf('i') } })]);
  expect(await positionOf(test.database.app.for(WORKSPACE), WORKSPACE)).toBe(0);
  const projector = await start();
  await projector.idle();
  await projector.stop();
  expect(await positionOf(test.database.app.for(WORKSPACE), WORKSPACE)).toBe(head);
  expect(await projectionLag(test.database.projector)).toEqual({ events: 0, seconds: 0, parkedStreams: 0 });
});

it('tells how far the read models are behind', async () => {
  const projector = await start();
  await projector.stop();
  await append([noteAt('a', 1), noteAt('a', 2)]);
  const lag = await projectionLag(test.database.projector);
  expect(lag.events).toBe(2);
  expect(lag.seconds).toBeGreaterThan(0);
});

it('parks the stream that a projection cannot fold, goes on with all others, and mends it after a fix', async () => {
  const { projection, mend } = fragile();
  const head = await append([
    noteAt('bad', 1),
    noteAt('good', 1),
    noteAt('bad', 2),
    noteAt('bad', 3),
    noteAt('good', 2),
  ]);
  const projector = await start([projection]);
  await projector.idle();
  await append([noteAt('bad', 4), noteAt('good', 3)]);
  await projector.idle();
  await projector.stop();
  const versions = () =>
    test.database.projector
      .query<{ id: string; version: number }>('select id, version from read_model.lead_v3 order by version')
      .then(({ rows }) => rows.map(({ id, version }) => [id === idOf('bad') ? 'bad' : 'good', version]));
  expect(await versions()).toEqual([
    ['bad', 1],
    ['good', 3],
  ]);
  expect(await positionOf(test.database.app.for(WORKSPACE), WORKSPACE, [projection])).toBe(head + 2);
  const { rows } = await test.database.owner.query('select stream_id, position, error, attempts from parked_stream');
  expect(rows).toEqual([{ stream_id: idOf('bad'), position: 3, error: 'cannot fold this one', attempts: 1 }]);
  expect(errors).toMatchObject([{ projection: 'lead', position: 3, streamId: idOf('bad') }]);

  expect(await retryParked(test.database.projector, [projection])).toEqual({ freed: 0, parked: 1 });
  expect(await count('parked_stream where attempts = 2')).toBe(1);
  mend();
  expect(await retryParked(test.database.projector, [projection])).toEqual({ freed: 1, parked: 0 });
  expect(await count('parked_stream')).toBe(0);
  expect(await versions()).toEqual([
    ['good', 3],
    ['bad', 4],
  ]);
});

it('parks the stream whose row PostgreSQL refuses, at the very event, and keeps the rest of the batch', async () => {
  await append([
    noteAt('bad', 1),
    noteAt('good', 1),
    noteAt('bad', 2),
    noteAt('bad', 3, { data: { amountMinor: 1.5, currency: 'EUR' } }),
    noteAt('good', 2),
  ]);
  const projector = await start();
  await projector.idle();
  await projector.stop();
  const { rows } = await test.database.owner.query('select position, projection from parked_stream');
  expect(rows).toEqual([{ position: 4, projection: 'lead' }]);
  expect(await count('read_model.lead_v3 where version = 2')).toBe(2);
});

it('parks a stream with an event newer than this code, and no other', async () => {
  await append([noteAt('good', 1), noteAt('bad', 1)]);
  await test.database.owner.query('update event set schema_version = 99 where position = 2');
  const projector = await start();
  await projector.idle();
  await projector.stop();
  expect(await count(`parked_stream where error like '%newer than this server%'`)).toBe(1);
  expect(await count('read_model.lead_v3')).toBe(1);
});

it('leaves a workspace to the node that holds it, and takes over when that one is dead', async () => {
  await (await start()).stop();
  await claimLease(test.database.projector, WORKSPACE, { holder: idOf('another node'), fleet: fleetOf(projections) });
  const head = await append([noteAt('a', 1)]);
  const projector = await start();
  await projector.idle();
  expect(await positionOf(test.database.app.for(WORKSPACE), WORKSPACE)).toBe(0);
  await test.database.projector.query(`update projection_lease set expires_at = now() - interval '1 second'`);
  await projector.idle();
  expect(await positionOf(test.database.app.for(WORKSPACE), WORKSPACE)).toBe(head);
  await projector.stop();
});

it('writes nothing for a node that was replaced while it slept', async () => {
  await (await start()).stop();
  await append([noteAt('a', 1)]);
  const pool = test.database.projector;
  const asleep = await claimLease(pool, WORKSPACE, { holder: idOf('sleeper'), fleet: fleetOf(projections) });
  await releaseLeases(pool, idOf('sleeper'));
  const awake = await claimLease(pool, WORKSPACE, { holder: idOf('successor'), fleet: fleetOf(projections) });
  expect(awake?.fence).toBeGreaterThan(asleep?.fence ?? Infinity);
  await expect(projectBatch(pool, asleep as NonNullable<typeof asleep>, projections)).rejects.toThrow(LeaseLost);
  expect(await count('read_model.lead_v3')).toBe(0);
  await projectBatch(pool, awake as NonNullable<typeof awake>, projections);
  expect(await count('read_model.lead_v3')).toBe(1);
});

it('lets a projection that came later catch up with the others and then reads the log once for all', async () => {
  const [lead, contact] = projections as [Projection, Projection];
  const first = await start([lead]);
  await append([noteAt('a', 1), noteAt('b', 1)]);
  await first.idle();
  await first.stop();
  const both = await start([lead, contact]);
  const head = await append([noteAt('a', 2)]);
  await both.idle();
  await both.stop();
  expect(await positionOf(test.database.app.for(WORKSPACE), WORKSPACE, [lead, contact])).toBe(head);
  expect(await count('read_model.lead_v3 where version = 2')).toBe(1);
});
