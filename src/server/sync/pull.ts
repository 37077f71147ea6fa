import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { SyncRequest } from '../../shared/contract/sync.ts';
import type { Access, Judged } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import type { StoredRules } from '../access/stored-rules.ts';
import { inSnapshot } from '../database/snapshot.ts';
import { readFingerprints } from '../log/fingerprints.ts';
import type { EventsPage, Since } from '../log/event-texts.ts';
import { readSeenSince } from '../log/read-seen-since.ts';
import { readSince } from '../log/read-since.ts';
import { readHead } from '../log/workspace-head.ts';
import { isBehind, sendBackfills, withoutDone } from './backfills.ts';
import type { Cursor, Mark } from './cursor.ts';
import { sendEvents } from './events-page.ts';
import { createPageOps, type PageOps } from './page-ops.ts';
import { setsOf, type Reading } from './reading.ts';
import { settleRights } from './rights-change.ts';
import { sendAscending, sendNewest } from './states-page.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';
import { firstStretch, longer, noteStretch } from './stretches.ts';
import { sendWanted } from './wanted.ts';

/** A client more than this many pages of events behind is sent states instead. */
const PAGES_BEHIND_MAX = 10;

export interface PullParts {
  readonly pool: WorkspacePool;
  readonly access: Access;
  readonly storedRules: StoredRules;
}

/** One answer's worth of ops, and how far it got. */
export interface Page {
  readonly head: number;
  readonly cursor: Cursor;
  readonly upToDate: boolean;
  /** JSON texts, of an op or of several between commas. */
  readonly ops: readonly string[];
}

/** Checks, before any event is taken, that the log still holds what the client was told of it. */
export const checkFingerprints = async (
  statements: Statements,
  workspaceId: Uuid,
  told: readonly (Pick<Mark, 'position'> & { readonly fingerprint: Uuid | null })[],
): Promise<void> => {
  const claims = told.filter(({ position }) => position > 0);
  if (claims.length === 0) return;
  const found = await readFingerprints(
    statements,
    workspaceId,
    claims.map(({ position }) => position),
  );
  for (const { position, fingerprint } of claims) if (found.get(position) !== fingerprint) throw restored();
};

const restored = (): Problem =>
  new Problem(
    'cursor_reset',
    'the log was restored to an older moment: send the whole outbox again and begin a first sync',
    { reason: 'restored' },
  );

/** The next page for a client at `cursor` (null: a first sync), with the rights of the moment that it is read at. */
export const readPage = async (
  parts: PullParts,
  principal: Principal,
  cursor: Cursor | null,
  request: SyncRequest,
): Promise<Page> => {
  const start = startOf(cursor, request.mode);
  return (
    (await plainPage(parts, principal, start, request)) ??
    judgedPage(parts, principal, { start, request, checks: cursor?.mode === 'events' })
  );
};

/** `"mode": "events"` asks for events regardless of what the cursor was about to send. */
const startOf = (cursor: Cursor | null, mode: SyncRequest['mode']): Cursor | null => {
  if (mode !== 'events' || cursor === null || cursor.mode === 'events') return cursor;
  return { ...cursor, mode: 'events', position: cursor.through, fingerprint: null, below: undefined };
};

const isPlain = ({ mode, gains, roots, losing }: Cursor): boolean =>
  mode === 'events' && gains.length === 0 && roots.length === 0 && losing === undefined;

/** The next events, each as it is; undefined where what the principal has had decides. */
const readEvents = async (
  { pool }: PullParts,
  { workspaceId }: Principal,
  rights: Judged,
  since: Since,
): Promise<EventsPage | undefined> => {
  const { everything, roots } = rights.syncs;
  const statements = pool.for(workspaceId);
  if (everything) return readSince(statements, workspaceId, since);
  if (roots.length > 0) return undefined;
  const stretch = firstStretch(rights, since.limit);
  const page = await readSeenSince(statements, workspaceId, { ...since, rules: rights.syncs, stretch, longer });
  if (page !== undefined) noteStretch(rights, { positions: page.position - since.after, ops: page.count });
  return page;
};

/**
 * The common case in one statement: events for who sees the same as before. Undefined where it is not that case, or where
 * rights have changed since this process heard of them, which the statement finds out.
 */
const plainPage = async (
  parts: PullParts,
  principal: Principal,
  start: Cursor | null,
  { mode, want, limit, bytes }: SyncRequest,
): Promise<Page | undefined> => {
  const rights = parts.access.known(principal);
  if (start === null || !isPlain(start) || (want?.length ?? 0) > 0) return undefined;
  if (rights === undefined || rights.fingerprint !== start.set) return undefined;
  const { position, fingerprint: told } = start;
  const read = await readEvents(parts, principal, rights, { after: position, limit, bytes });
  if (read === undefined || read.access !== rights.position) return undefined;
  const { head, fingerprint, ops } = read;
  if (position > 0 && (fingerprint === undefined || fingerprint !== (told ?? fingerprint))) throw restored();
  if (mode !== 'events' && head - position > PAGES_BEHIND_MAX * limit) return undefined;
  const cursor = { ...start, position: read.position, fingerprint: read.id ?? null, through: read.position };
  return { head, cursor, upToDate: read.position >= head, ops };
};

interface Asked {
  readonly start: Cursor | null;
  readonly request: SyncRequest;
  /** Whether nobody has yet compared the fingerprint at the cursor. */
  readonly checks: boolean;
}

const judgedPage = async (
  { pool, access, storedRules }: PullParts,
  principal: Principal,
  asked: Asked,
): Promise<Page> => {
  const { workspaceId } = principal;
  const { page, rights } = await inSnapshot(pool.for(workspaceId), async (client) => {
    const claims = asked.checks && asked.start !== null ? [asked.start] : [];
    const [found] = await Promise.all([readHead(client, workspaceId), checkFingerprints(client, workspaceId, claims)]);
    const { head, access: position, newest } = found ?? { head: 0, access: 0, newest: null };
    const judged = await access.at(client, principal, position);
    const seen = { workspaceId, rules: judged.syncs };
    const sets = await setsOf(storedRules, { client, seen, rights: judged }, asked.start);
    return { page: await pageOf({ client, seen, rights: judged, head, newest, sets }, asked), rights: judged };
  });
  // Before the answer names it.
  await storedRules.keep(workspaceId, rights.fingerprint, rights.syncs);
  return page;
};

/** What the client asked for by name comes first, then what its rights have lost and gained, then the log. */
const pageOf = async (reading: Reading, { start, request }: Asked): Promise<Page> => {
  const { head } = reading;
  const page = createPageOps(request);
  const answered = await sendWanted(reading, request.want ?? [], page);
  const settled = await settleRights(reading, start ?? beginning(reading.rights, head, request.mode), page);
  const reached = withoutDone(await sendPage(reading, settled, { page, mode: request.mode, limit: request.limit }));
  const cursor = await withFingerprint(reading, reached);
  const upToDate = answered && cursor.mode === 'events' && cursor.position >= head && !isBehind(cursor);
  return { head, cursor, upToDate, ops: page.ops };
};

const beginning = ({ fingerprint: set }: Judged, head: number, mode: SyncRequest['mode']): Cursor => {
  const fresh = { fingerprint: null, through: 0, set, gains: [], roots: [] };
  if (mode === 'events') return { ...fresh, mode, position: 0 };
  return { ...fresh, mode: 'newest', position: head, below: head + 1 };
};

interface Filling {
  readonly page: PageOps;
  readonly mode: SyncRequest['mode'];
  readonly limit: number;
}

/** Backfills and the log share a page, so that neither waits for the other; but the log waits for losses. */
const sendPage = async (reading: Reading, cursor: Cursor, { page, mode, limit }: Filling): Promise<Cursor> => {
  if (cursor.losing !== undefined || page.room() === 0) return cursor;
  const first = isBehind(cursor) ? await sendBackfills(reading, cursor, page.half()) : cursor;
  if (page.room() === 0) return first;
  const scanned = await sendLog(reading, first, { page, mode, limit });
  return isBehind(scanned) && page.room() > 0 ? sendBackfills(reading, scanned, page) : scanned;
};

const sendLog = async (reading: Reading, cursor: Cursor, { page, mode, limit }: Filling): Promise<Cursor> => {
  if (cursor.mode === 'newest') return throughHead(await sendNewest(reading, cursor, page));
  const isFar = mode !== 'events' && reading.head - cursor.position > PAGES_BEHIND_MAX * limit;
  if (cursor.mode === 'ascending' || isFar)
    return throughHead(await sendAscending(reading, { ...cursor, mode: 'ascending' }, page));
  const sent = await sendEvents(reading, cursor, page);
  return { ...sent, through: sent.position };
};

/** In the modes of states `through` stands still until a page reaches the head. */
const throughHead = (cursor: Cursor): Cursor =>
  cursor.mode === 'events' ? { ...cursor, through: cursor.position } : cursor;

const withFingerprint = async ({ client, seen, head, newest }: Reading, cursor: Cursor): Promise<Cursor> => {
  if (cursor.position === 0) return { ...cursor, fingerprint: null };
  if (cursor.position === head) return { ...cursor, fingerprint: newest };
  const found = await readFingerprints(client, seen.workspaceId, [cursor.position]);
  return { ...cursor, fingerprint: found.get(cursor.position) ?? null };
};
