import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccess } from '../../../src/server/access/access.ts';
import type { WorkspacePool } from '../../../src/server/database/workspace-pool.ts';
import { createPush } from '../../../src/server/sync/push.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { watchedPool } from '../../support/watched-pool.ts';
import {
  contentKey,
  foundWorkspace,
  newPush,
  proposed,
  quietWake,
  statuses,
  type Bench,
} from '../../support/workspace.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const lead = ({ principal }: Bench, name = 'Grace') => proposed(principal, 'LeadCreated', uuidv7(), { name });

const positions = async (workspaceId: string): Promise<number[]> =>
  (
    await db.database.owner.query('select position from event where workspace_id = $1 order by position', [workspaceId])
  ).rows.map((row: { position: number }) => row.position);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** A pool whose appends pass through `around`, to lose answers and refuse values where the test wants it. */
const poolWith = (around: (append: () => Promise<unknown>, events: string) => Promise<unknown>): WorkspacePool =>
  watchedPool(db.database.log, (run, { name, values }) =>
    name === 'append_events' ? around(run, String(values[5])) : run(),
  );

const pushThrough = (pool: WorkspacePool) =>
  createPush({ pool, wake: quietWake, access: createAccess(pool), contentKey, ownsDevice: async () => true });

describe('requests that wait for the same workspace', () => {
  test('leave together, each with its own verdicts', async () => {
    const b = await foundWorkspace(db.database);
    const colleague = { ...b.principal, userId: uuidv7(), deviceId: uuidv7() };
    const bad = { ...lead(b), data: { name: '' } };
    const answers = await Promise.all([
      b.push.events(b.principal, [lead(b), bad, lead(b)]),
      b.push.events(colleague, [{ nonsense: true }]),
      b.push.events(colleague, [proposed(colleague, 'CompanyCreated', uuidv7(), { name: 'Acme' })]),
    ]);
    expect(answers.map(({ results }) => statuses(results))).toEqual([
      ['accepted', 'invalid', 'accepted'],
      ['invalid'],
      ['accepted'],
    ]);
    expect(await positions(b.principal.workspaceId)).toEqual(upTo(7));
  });

  test('do not fail with one of them that PostgreSQL refuses, and only its guilty event is invalid', async () => {
    const b = await foundWorkspace(db.database);
    const pool = poolWith((append, events) =>
      events.includes('poison') ? Promise.reject(Object.assign(new Error('refused'), { code: '22P05' })) : append(),
    );
    const push = pushThrough(pool);
    const answers = await Promise.all([
      push.events(b.principal, [lead(b)]),
      push.events(b.principal, [lead(b), lead(b, 'poison'), lead(b)]),
      push.events(b.principal, [lead(b)]),
    ]);
    expect(answers.map(({ results }) => statuses(results))).toEqual([
      ['accepted'],
      ['accepted', 'invalid', 'accepted'],
      ['accepted'],
    ]);
    expect(await positions(b.principal.workspaceId)).toEqual(upTo(8));
  });
});

describe('a rule that breaks', () => {
  test('fails its own request alone', async () => {
    const b = await foundWorkspace(db.database);
    const guard = (): never => {
      throw new Error('a bug in a rule');
    };
    const answers = await Promise.allSettled([
      b.push.events(b.principal, [lead(b)]),
      b.push.events(b.principal, [lead(b)], { guard }),
      b.push.events(b.principal, [lead(b)]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await positions(b.principal.workspaceId)).toEqual(upTo(6));
  });
});

describe('a connection lost in mid-append', () => {
  const lost = () => new Error('Connection terminated unexpectedly');

  test('after the commit still answers what was committed, once', async () => {
    const b = await foundWorkspace(db.database);
    let losses = 1;
    const pool = poolWith(async (append) => {
      const reply = await append();
      if (losses-- > 0) throw lost();
      return reply;
    });
    const event = lead(b);
    const { results } = await pushThrough(pool).events(b.principal, [event]);
    expect(results).toEqual([{ id: event.id, status: 'accepted', position: 5, version: 1, clock: event.at }]);
    expect(await positions(b.principal.workspaceId)).toEqual(upTo(5));
  });

  test('before the commit is simply written again', async () => {
    const b = await foundWorkspace(db.database);
    let losses = 2;
    const pool = poolWith((append) => (losses-- > 0 ? Promise.reject(lost()) : append()));
    const { results } = await pushThrough(pool).events(b.principal, [lead(b), lead(b)]);
    expect(results.map((result) => 'position' in result && result.position)).toEqual([5, 6]);
  });
});

describe('many writers', () => {
  /** Polls until told to stop; every snapshot must hold 1 … n, and n never falls. */
  const watch = async (workspaceId: string, done: () => boolean): Promise<number> => {
    let seen = 0;
    for (let polls = 0; ; polls += 1) {
      const ended = done();
      const { rows } = await db.database.owner.query<{ n: number; top: number; sorted: boolean }>(
        `select count(*) as n, coalesce(max(position), 0) as top,
                coalesce(bool_and(recorded_at >= before), true) as sorted
           from (select position, recorded_at, lag(recorded_at, 1, recorded_at) over (order by position) as before
                   from event where workspace_id = $1) log`,
        [workspaceId],
      );
      const { n, top, sorted } = rows[0] as { n: number; top: number; sorted: boolean };
      expect(top, 'no hole').toBe(n);
      expect(top, 'no step back').toBeGreaterThanOrEqual(seen);
      expect(sorted, 'recordedAt never runs backwards').toBe(true);
      seen = top;
      if (ended) return polls;
    }
  };

  test('on two servers and one workspace leave no hole for any reader, and every acknowledged position is theirs', async () => {
    const b = await foundWorkspace(db.database);
    const servers = [newPush(db.database.log), newPush(db.database.log)];
    const shared = lead(b);
    await b.push.events(b.principal, [shared]);
    let finished = false;
    const writer = async (n: number): Promise<number[]> => {
      const taken: number[] = [];
      for (let round = 0; round < 12; round += 1) {
        const change = proposed(b.principal, 'LeadDetailsChanged', shared.stream.id, { title: `${n}.${round}` });
        const { results } = await (servers[n % 2] as (typeof servers)[0]).events(b.principal, [lead(b), change]);
        for (const result of results) if ('position' in result) taken.push(result.position);
      }
      return taken;
    };
    const writers = Promise.all(Array.from({ length: 32 }, (_, n) => writer(n))).finally(() => (finished = true));
    const readers = Array.from({ length: 4 }, () => watch(b.principal.workspaceId, () => finished));
    const taken = (await writers).flat();
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0);
    expect(taken.toSorted((x, y) => x - y)).toEqual(upTo(5 + 32 * 12 * 2).slice(5));
    const { rows } = await db.database.owner.query('select version from stream where stream_id = $1', [
      shared.stream.id,
    ]);
    expect(rows[0].version).toBe(1 + 32 * 12);
  });
});
