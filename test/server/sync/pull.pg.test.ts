import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SyncRequest } from '../../../src/shared/contract/sync.ts';
import { createAccess } from '../../../src/server/access/access.ts';
import type { Principal } from '../../../src/server/access/principal.ts';
import { createSync } from '../../../src/server/sync/sync.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { cursorKey, foundWorkspace, proposed, type Bench } from '../../support/workspace.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

interface Op {
  readonly op: 'enter' | 'event' | 'leave';
  readonly position: number;
  readonly version: number;
  readonly stream: { readonly type: string; readonly id: string };
  readonly state: Record<string, unknown>;
  readonly data: Record<string, unknown>;
}
interface Answer {
  readonly head: number;
  readonly results: { readonly status: string; readonly position: number }[];
  readonly mark?: string;
  readonly from: string | null;
  readonly cursor: string;
  readonly through: number;
  readonly upToDate: boolean;
  readonly ops: Op[];
}

const client = (b: Bench, principal: Principal = b.principal) => {
  const sync = createSync({ pool: db.database.log, push: b.push, access: createAccess(db.database.log), cursorKey });
  return async (request: Partial<SyncRequest>): Promise<Answer> =>
    JSON.parse(String(await sync.sync(principal, { protocol: 1, limit: 500, bytes: 1048576, ...request }))) as Answer;
};

const leads = async (b: Bench, count: number, size = 0): Promise<string[]> => {
  const events = Array.from({ length: count }, (_, n) =>
    proposed(b.principal, 'LeadCreated', uuidv7(), {
      name: `Lead ${n}`,
      ...(size > 0 ? { note: 'x'.repeat(size) } : {}),
    }),
  );
  await b.push.events(b.principal, events);
  return events.map((event) => event.stream.id);
};
const retitle = (b: Bench, id: string, title: string) =>
  b.push.events(b.principal, [proposed(b.principal, 'LeadDetailsChanged', id, { title })]);

/** Pulls until the server says that all was sent, as a phone does. */
const pullAll = async (pull: ReturnType<typeof client>, cursor: string | null, request: Partial<SyncRequest> = {}) => {
  const pages: Answer[] = [];
  for (let at = cursor; ;) {
    const page = await pull({ cursor: at, ...request });
    expect(page.from).toBe(at);
    pages.push(page);
    at = page.cursor;
    if (page.upToDate) return pages;
    expect(pages.length).toBeLessThan(500);
  }
};

describe('a first sync', () => {
  test('sends states, newest first, then those written since, then events', async () => {
    const b = await foundWorkspace(db.database);
    const ids = await leads(b, 10);
    const pull = client(b);
    const first = await pull({ cursor: null, limit: 4 });
    expect(first.ops.map(({ op, position }) => [op, position])).toEqual([14, 13, 12, 11].map((p) => ['enter', p]));
    expect(first).toMatchObject({ through: 0, upToDate: false, head: 14 });
    await retitle(b, ids[0] as string, 'written in between');
    const rest = await pullAll(pull, first.cursor, { limit: 4 });
    const entered = [first, ...rest].flatMap(({ ops }) => ops);
    expect(entered.every(({ op }) => op === 'enter')).toBe(true);
    const last = new Map(entered.map((op) => [op.stream.id, op]));
    expect(last.get(ids[0] as string)).toMatchObject({ version: 2, state: { title: 'written in between' } });
    expect(last.size).toBe(13);
    expect(rest.at(-1)).toMatchObject({ through: 15, head: 15, upToDate: true });
    expect(rest.slice(0, -1).every(({ through }) => through === 0)).toBe(true);
    await retitle(b, ids[1] as string, 'later');
    const next = await pull({ cursor: (rest.at(-1) as Answer).cursor });
    expect(next.ops).toMatchObject([{ op: 'event', position: 16, version: 2, data: { title: 'later' } }]);
  });

  test('brings deleted records with deletedAt, and each register’s clock', async () => {
    const b = await foundWorkspace(db.database);
    const [id] = (await leads(b, 1)) as [string];
    await b.push.events(b.principal, [proposed(b.principal, 'LeadDeleted', id, {})]);
    const { ops } = await client(b)({ cursor: null });
    const lead = ops.find(({ stream }) => stream.id === id);
    expect(lead).toMatchObject({
      version: 2,
      state: { name: 'Lead 0' },
      clocks: { '*': { version: 1 }, deletion: { version: 2 } },
    });
    expect(lead?.state['deletedAt']).toMatch(/^\d{4}-/);
  });

  test('by events brings the whole log where the client asks for it', async () => {
    const b = await foundWorkspace(db.database);
    await leads(b, 30);
    const pages = await pullAll(client(b), null, { mode: 'events', limit: 2 });
    expect(pages.flatMap(({ ops }) => ops.map(({ op, position }) => `${op} ${position}`))).toEqual(
      Array.from({ length: 34 }, (_, n) => `event ${n + 1}`),
    );
  });
});

describe('a page', () => {
  test('ends at its limit or its bytes, and always holds one op', async () => {
    const b = await foundWorkspace(db.database);
    const pull = client(b);
    const { cursor } = await pull({ cursor: null });
    await leads(b, 6, 3000);
    expect((await pull({ cursor, limit: 2 })).ops).toHaveLength(2);
    expect((await pull({ cursor, bytes: 8000 })).ops).toHaveLength(2);
    expect((await pull({ cursor, bytes: 1 })).ops).toHaveLength(1);
    expect((await pull({ cursor: null, bytes: 1 })).ops).toHaveLength(1);
  });

  test('never depends on its size: the same ops whatever the limit', async () => {
    const b = await foundWorkspace(db.database);
    const pull = client(b);
    const { cursor } = await pull({ cursor: null });
    await leads(b, 25);
    const whole = (await pull({ cursor, mode: 'events' })).ops;
    for (const limit of [1, 3, 7, 24, 25]) {
      const pages = await pullAll(pull, cursor, { limit, mode: 'events' });
      expect(pages.flatMap(({ ops }) => ops)).toEqual(whole);
    }
  });

  test('of a client far behind holds states, until one reaches the head', async () => {
    const b = await foundWorkspace(db.database);
    const pull = client(b);
    const { cursor } = await pull({ cursor: null });
    const [id] = (await leads(b, 1)) as [string];
    for (let n = 0; n < 40; n += 1) await retitle(b, id, `title ${n}`);
    const pages = await pullAll(pull, cursor, { limit: 2 });
    expect(pages.flatMap(({ ops }) => ops)).toMatchObject([{ op: 'enter', version: 41, state: { title: 'title 39' } }]);
    expect(pages.at(-1)).toMatchObject({ through: 45, upToDate: true });
    expect((await pull({ cursor, limit: 2, mode: 'events' })).ops.map(({ op }) => op)).toEqual(['event', 'event']);
  });

  test('pushes and pulls in one round trip: the pushed events come back like anyone’s', async () => {
    const b = await foundWorkspace(db.database);
    const sync = client(b);
    const { cursor } = await sync({ cursor: null });
    const event = proposed(b.principal, 'LeadCreated', uuidv7(), { name: 'Ada' });
    const answer = await sync({ cursor, events: [event] });
    expect(answer).toMatchObject({
      head: 5,
      through: 5,
      upToDate: true,
      results: [{ status: 'accepted', position: 5 }],
    });
    expect(answer.ops).toMatchObject([{ op: 'event', id: event.id, position: 5 }]);
  });
});

describe('a wanted stream', () => {
  test('is answered first with its present state, or with leave where there is none', async () => {
    const b = await foundWorkspace(db.database);
    const pull = client(b);
    const [id] = (await leads(b, 1)) as [string];
    const { cursor } = await pull({ cursor: null });
    await leads(b, 3);
    const missing = { type: 'lead' as const, id: uuidv7() };
    const want = [{ type: 'lead', id }, missing, { type: 'deal', id: b.pipelineId }, { type: 'deal', id }];
    const answer = await pull({ cursor, want });
    expect(answer.ops.slice(0, 4)).toMatchObject([
      { op: 'enter', stream: { id } },
      { op: 'leave', stream: missing },
      { op: 'leave', stream: { type: 'deal' } },
      { op: 'leave', stream: { type: 'deal', id } },
    ]);
    expect(answer.ops.slice(4).map(({ op }) => op)).toEqual(['event', 'event', 'event']);
  });

  test('that does not fit any more is asked for again: the answer is not up to date', async () => {
    const b = await foundWorkspace(db.database);
    const pull = client(b);
    const ids = await leads(b, 3);
    const { cursor } = await pull({ cursor: null });
    const want = ids.map((id) => ({ type: 'lead' as const, id }));
    const answer = await pull({ cursor, want, limit: 2 });
    expect(answer.ops).toHaveLength(2);
    expect(answer).toMatchObject({ upToDate: false });
    expect(await pull({ cursor: answer.cursor, want: want.slice(2), limit: 2 })).toMatchObject({ upToDate: true });
  });
});

describe('a cursor', () => {
  test('is taken from its own user alone, and only as it was made', async () => {
    const b = await foundWorkspace(db.database);
    const other = await foundWorkspace(db.database);
    const { cursor } = await client(b)({ cursor: null });
    const colleague = client(b, { ...b.principal, userId: uuidv7() });
    const forged = `${Buffer.from('[1,0,99999,null,99999,null]').toString('base64url')}.${cursor.split('.')[1]}`;
    await expect(client(other)({ cursor })).rejects.toMatchObject({ body: { code: 'cursor_invalid', status: 400 } });
    await expect(colleague({ cursor })).rejects.toMatchObject({ body: { code: 'cursor_invalid' } });
    for (const text of [forged, `${cursor}A`, 'x', '', '.', 'a.b.c']) {
      await expect(client(b)({ cursor: text })).rejects.toMatchObject({ body: { code: 'cursor_invalid' } });
    }
  });

  test('and a mark find a log that was restored to an older moment, before any event is taken', async () => {
    const b = await foundWorkspace(db.database);
    const sync = client(b);
    const { cursor: old } = await sync({ cursor: null });
    const event = proposed(b.principal, 'LeadCreated', uuidv7(), { name: 'Ada' });
    const { cursor, mark } = await sync({ cursor: old, events: [event] });
    const restored = { code: 'cursor_reset', status: 409, reason: 'restored' };
    await db.database.owner.query('delete from event where workspace_id = $1 and position = 5', [
      b.principal.workspaceId,
    ]);
    await db.database.owner.query('update workspace set head = 4 where workspace_id = $1', [b.principal.workspaceId]);
    await db.database.owner.query('delete from stream where stream_id = $1', [event.stream.id]);
    const again = proposed(b.principal, 'LeadCreated', uuidv7(), { name: 'Grace' });
    await expect(sync({ cursor, events: [again] })).rejects.toMatchObject({ body: restored });
    await expect(sync({ cursor })).rejects.toMatchObject({ body: restored });
    await expect(sync({ mark, events: [again] })).rejects.toMatchObject({ body: restored });
    await sync({ events: [proposed(b.principal, 'LeadCreated', uuidv7(), { name: 'Somebody else' })] });
    await expect(sync({ cursor })).rejects.toMatchObject({ body: restored });
    expect(await sync({ cursor: old })).toMatchObject({ upToDate: true, through: 5 });
  });
});
