import { must } from '../../shared/base/assert.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { SyncRequest } from '../../shared/contract/sync.ts';
import type { Principal } from '../access/principal.ts';
import { scopeCondition, visibilityOf } from '../access/visibility.ts';
import { inSnapshot } from '../database/snapshot.ts';
import { readFingerprints } from '../log/fingerprints.ts';
import { readSince } from '../log/read-since.ts';
import { readAscending, readNewest, readWanted, type EnterOp } from '../log/read-states.ts';
import { readHead } from '../log/workspace-head.ts';
import type { Cursor, Mark } from './cursor.ts';
import type { Connection, Statements, WorkspacePool } from '../database/workspace-pool.ts';

/** A client more than this many pages of events behind is sent states instead. */
const PAGES_BEHIND_MAX = 10;

/** One answer's worth of ops, and how far it got. */
export interface Page {
  readonly head: number;
  readonly cursor: Cursor;
  readonly upToDate: boolean;
  /** JSON texts. */
  readonly ops: readonly string[];
}

interface Reading {
  readonly client: Statements;
  readonly workspaceId: Uuid;
  /** Which scopes the principal sees, for the rows of the log and of streams. */
  readonly condition: string;
  readonly limit: number;
  readonly bytes: number;
}

/** Checks, before any event is taken, that the log still holds what the client was told of it. */
export const checkFingerprints = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  told: readonly (Pick<Mark, 'position'> & { readonly fingerprint: Uuid | null })[],
): Promise<void> => {
  const claims = told.filter(({ position }) => position > 0);
  if (claims.length === 0) return;
  const found = await readFingerprints(
    pool.for(workspaceId),
    workspaceId,
    claims.map(({ position }) => position),
  );
  for (const { position, fingerprint } of claims) if (found.get(position) !== fingerprint) throw restored();
};

const restored = (): Problem =>
  new Problem(
    'cursor_reset',
    'the log was restored to an older moment: send the whole outbox again and begin a first sync',
    {
      reason: 'restored',
    },
  );

/** The next page for a client at `cursor` (null: a first sync). */
export const readPage = async (
  pool: WorkspacePool,
  principal: Principal,
  cursor: Cursor | null,
  request: SyncRequest,
): Promise<Page> => {
  const { workspaceId } = principal;
  const condition = scopeCondition(visibilityOf(principal), 'scope_id');
  const connections = pool.for(workspaceId);
  const reading = { client: connections, workspaceId, condition, limit: request.limit, bytes: request.bytes };
  const wanted = request.want ?? [];
  const start = startOf(cursor, request.mode);
  if (start?.mode === 'events' && wanted.length === 0) {
    const page = await eventsPage(reading, start);
    if (request.mode === 'events' || page.head - start.position <= PAGES_BEHIND_MAX * request.limit) return page;
  }
  return inSnapshot(connections, (client) =>
    snapshotPage({ ...reading, client }, { start, wanted, mode: request.mode }),
  );
};

/** `"mode": "events"` asks for events regardless of what the cursor was about to send. */
const startOf = (cursor: Cursor | null, mode: SyncRequest['mode']): Cursor | null => {
  if (mode !== 'events' || cursor?.mode === 'events') return cursor;
  const through = cursor?.through ?? 0;
  return { mode: 'events', position: through, fingerprint: null, through };
};

type Wanted = NonNullable<SyncRequest['want']>[number];
const keyOf = ({ type, id }: Wanted): string => `${type}/${id}`;

interface Ask {
  readonly start: Cursor | null;
  readonly wanted: readonly Wanted[];
  readonly mode: SyncRequest['mode'];
}

type Snapshot = Reading & { readonly client: Connection };

/** What the client asked for by name comes first, the page takes the room that is left. */
const snapshotPage = async (reading: Snapshot, { start, wanted, mode }: Ask): Promise<Page> => {
  const { head } = (await readHead(reading.client, reading.workspaceId)) ?? { head: 0 };
  const answers = await wantedOps(reading, wanted);
  const limit = reading.limit - answers.length;
  const bytes = reading.bytes - answers.reduce((sum, op) => sum + Buffer.byteLength(op), 0);
  const begun = start ?? (await firstSync(reading, head));
  if (answers.length > 0 && (limit <= 0 || bytes <= 0)) return { head, cursor: begun, upToDate: false, ops: answers };
  const page = await nextPage({ ...reading, limit, bytes }, begun, { head, mode });
  return {
    ...page,
    upToDate: page.upToDate && answers.length === new Set(wanted.map(keyOf)).size,
    ops: [...answers, ...page.ops],
  };
};

const firstSync = async ({ client, workspaceId }: Snapshot, head: number): Promise<Cursor> => {
  const fingerprint = (await readFingerprints(client, workspaceId, [head])).get(head) ?? null;
  return { mode: 'newest', position: head, fingerprint, through: 0, below: head + 1 };
};

interface Now {
  readonly head: number;
  readonly mode: SyncRequest['mode'];
}

const nextPage = (reading: Snapshot, cursor: Cursor, { head, mode }: Now): Promise<Page> => {
  if (cursor.mode === 'newest') return newestPage(reading, cursor, head);
  if (cursor.mode === 'ascending') return ascendingPage(reading, cursor, head);
  const isFar = mode !== 'events' && head - cursor.position > PAGES_BEHIND_MAX * reading.limit;
  return isFar ? ascendingPage(reading, { ...cursor, mode: 'ascending' }, head) : eventsPage(reading, cursor);
};

const eventsPage = async (reading: Reading, cursor: Cursor): Promise<Page> => {
  const { client, workspaceId } = reading;
  const { head, fingerprint, events } = await readSince(client, workspaceId, { ...reading, after: cursor.position });
  if (cursor.position > 0 && (fingerprint === undefined || fingerprint !== (cursor.fingerprint ?? fingerprint)))
    throw restored();
  const last = events.at(-1);
  const position = last?.position ?? cursor.position;
  return {
    head,
    cursor: { mode: 'events', position, fingerprint: last?.id ?? fingerprint ?? null, through: position },
    upToDate: position >= head,
    ops: events.map(({ op }) => op),
  };
};

/** First leg: what was last written at or before the head at the beginning, newest first. */
const newestPage = async (reading: Snapshot, cursor: Cursor, head: number): Promise<Page> => {
  const below = cursor.below ?? cursor.position + 1;
  const { states, complete } = await readNewest(reading.client, reading.workspaceId, {
    ...reading,
    upTo: cursor.position,
    below,
  });
  const ops = opsOf(states);
  if (!complete) return { head, cursor: { ...cursor, below: states.at(-1)?.position ?? below }, upToDate: false, ops };
  const { position, fingerprint, through } = cursor;
  if (position < head)
    return { head, cursor: { mode: 'ascending', position, fingerprint, through }, upToDate: false, ops };
  return { head, cursor: { mode: 'events', position, fingerprint, through: position }, upToDate: true, ops };
};

/** Second leg, and the way of a client far behind: what was written since, until a page reaches the head. */
const ascendingPage = async (reading: Snapshot, cursor: Cursor, head: number): Promise<Page> => {
  const { client, workspaceId } = reading;
  const { states, complete } = await readAscending(client, workspaceId, { ...reading, after: cursor.position });
  const position = complete ? head : must(states.at(-1), 'an unfinished page has a state').position;
  const fingerprint = (await readFingerprints(client, workspaceId, [position])).get(position) ?? null;
  const next: Cursor = complete
    ? { mode: 'events', position, fingerprint, through: position }
    : { mode: 'ascending', position, fingerprint, through: cursor.through };
  return { head, cursor: next, upToDate: complete, ops: opsOf(states) };
};

const opsOf = (states: readonly EnterOp[]): string[] => states.map(({ op }) => op);

/** `enter` with the present state, or `leave` where there is nothing to see; as many as fit, at least one. */
const wantedOps = async (
  { client, workspaceId, condition, limit, bytes }: Snapshot,
  wanted: readonly Wanted[],
): Promise<string[]> => {
  if (wanted.length === 0) return [];
  const refs = [...new Map(wanted.map((ref) => [keyOf(ref), ref])).values()].slice(0, limit);
  const found = await readWanted(
    client,
    workspaceId,
    refs.map(({ id }) => id),
    condition,
  );
  const ops: string[] = [];
  let room = bytes;
  for (const { type, id } of refs) {
    const state = found.get(id);
    const op = state?.type === type ? state.op : JSON.stringify({ op: 'leave', stream: { type, id } });
    room -= Buffer.byteLength(op);
    if (room < 0 && ops.length > 0) break;
    ops.push(op);
  }
  return ops;
};
