import { setTimeout as delay } from 'node:timers/promises';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Access, Judged } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import type { PushResult } from '../../shared/contract/sync.ts';
import { appendEvents, isAppended, type Append, type Appended, type Outdated } from '../log/append.ts';
import { readOutcomes } from '../log/outcomes.ts';
import { readPastPairs, type PastPair } from '../log/past-pairs.ts';
import { readRates, type KnownRate } from '../log/read-rates.ts';
import { readPast } from '../log/stream-events.ts';
import { readStreams, type StreamSnapshot } from '../log/read-streams.ts';
import { readHead } from '../log/workspace-head.ts';
import { isConnectionLost } from '../database/failure.ts';
import { decideGroup, type GroupDecision, type Known, type Request } from './decide-group.ts';
import { createDraft, type Draft, type Past } from './draft.ts';
import { isWellFormed } from './examine.ts';
import type { HotStreams } from './hot-streams.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** Rounds of loading and deciding before a group gives up: each means that another server wrote the same streams. */
const ROUNDS_MAX = 30;
/** Passes of one decision: each loads what the one before found missing, such as the next parent of a company. */
const PASSES_MAX = 100;
/** How long a group waits for a database that went away, in all. */
const LOST_MS_MAX = 10_000;

export interface CommitParts {
  readonly pool: WorkspacePool;
  readonly hot: HotStreams;
  readonly access: Access;
}

/** A group that is decided and not yet appended. */
export interface Prepared {
  readonly requests: readonly Request[];
  readonly draft: Draft;
  readonly decision: GroupDecision;
  /** Undefined where there is nothing to ask the log: no usable id. */
  readonly append: Append | undefined;
}

export interface Committed {
  readonly results: readonly (readonly PushResult[])[];
  readonly head: number;
  /** False where the facts had changed and the group was decided again: what was decided on top of it is void. */
  readonly asPrepared: boolean;
}

/** What a decision may start from besides the log. */
interface Basis {
  readonly known: ReadonlyMap<Uuid, Known>;
  readonly loaded: Map<Uuid, StreamSnapshot | undefined>;
  readonly pasts: Map<string, JsonObject | undefined>;
}

/** Decides a group, on top of the one in flight where there is one: its states hold just if that one commits. */
export const prepareGroup = async (
  parts: CommitParts,
  workspaceId: Uuid,
  requests: readonly Request[],
  inFlight?: Draft,
): Promise<Prepared> => {
  const loaded = new Map<Uuid, StreamSnapshot | undefined>();
  for (const [id, { snapshot }] of inFlight?.written ?? []) loaded.set(id, snapshot);
  await loadStreams(parts, workspaceId, { ids: neededStreams(requests), loaded });
  return prepare(parts, workspaceId, requests, { known: new Map(), loaded, pasts: new Map() });
};

const prepare = async (
  parts: CommitParts,
  workspaceId: Uuid,
  requests: readonly Request[],
  basis: Basis,
): Promise<Prepared> => {
  const { known, loaded, pasts } = basis;
  const pairs = new Map<string, PastPair | undefined>();
  const rates = new Map<string, KnownRate | undefined>();
  const judge = await parts.access.current(workspaceId);
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const draft = createDraft({ loaded, pasts, pairs, rates });
    const judged = { position: 0 };
    const decision = decideGroup(draft, requests, { known, rightsOf: judgeAt(judge, judged) });
    if (isComplete(draft)) {
      const ids = newIds(requests, known);
      const append =
        ids.length === 0 ? undefined : toAppend(workspaceId, { draft, decision, ids, access: judged.position });
      return { requests, draft, decision, append };
    }
    await loadStreams(parts, workspaceId, { ids: draft.missing, loaded });
    await loadPasts(parts, workspaceId, { missing: draft.missingPasts, pasts });
    await loadPairs(parts, workspaceId, { draft, pairs });
    await loadRates(parts, workspaceId, { draft, rates });
  }
  throw new Problem('overloaded', 'these changes depend on too many other records: send fewer of them at once');
};

/** Whether everything was there that the decisions asked for. */
const isComplete = ({ missing, missingPasts, missingPairs, missingRates }: Draft): boolean =>
  missing.size + missingPasts.size + missingPairs.size + missingRates.size === 0;

/** Appends a prepared group as one transaction; decides again, on fresh facts, as often as the append finds them changed. */
export const commitGroup = async (parts: CommitParts, workspaceId: Uuid, first: Prepared): Promise<Committed> => {
  const known = new Map<Uuid, Known>();
  let prepared = first;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { append, decision, draft } = prepared;
    if (append === undefined) return unchanged(parts, workspaceId, decision);
    const { reply, lost } = await appendUntilKnown(parts.pool, append);
    if (isAppended(reply))
      return remember(parts, workspaceId, { draft, decision, reply, asPrepared: prepared === first });
    await forget(parts, workspaceId, { reply, lost, known });
    const loaded = new Map<Uuid, StreamSnapshot | undefined>();
    await loadStreams(parts, workspaceId, { ids: new Set([...neededStreams(first.requests), ...reply.stale]), loaded });
    prepared = await prepare(parts, workspaceId, first.requests, { known, loaded, pasts: new Map() });
  }
  throw new Problem('overloaded', 'other servers keep writing the same records: send the request again');
};

const unchanged = async (parts: CommitParts, workspaceId: Uuid, decision: GroupDecision): Promise<Committed> => {
  const head = await readHead(parts.pool.for(workspaceId), workspaceId);
  return { results: decision.results(0), head: head?.head ?? 0, asPrepared: false };
};

/** Streams that the events name. What a creation names itself is taken to be absent: the append finds out if it is not. */
const neededStreams = (requests: readonly Request[]): Set<Uuid> => {
  const ids = new Set<Uuid>();
  const created = new Set<Uuid>();
  for (const { event } of requests.flatMap((request) => request.events)) {
    if (!isWellFormed(event)) continue;
    const { proposed, definition, data } = event;
    if (definition.creates === true) created.add(proposed.stream.id);
    else if (!created.has(proposed.stream.id)) ids.add(proposed.stream.id);
    for (const { ref } of definition.references(data)) if (!created.has(ref.id)) ids.add(ref.id);
  }
  return ids;
};

interface Load {
  readonly ids: ReadonlySet<Uuid>;
  readonly loaded: Map<Uuid, StreamSnapshot | undefined>;
}

const loadStreams = async ({ pool, hot }: CommitParts, workspaceId: Uuid, { ids, loaded }: Load): Promise<void> => {
  const cold: Uuid[] = [];
  for (const id of ids) {
    if (loaded.has(id)) continue;
    const snapshot = hot.find(workspaceId, id);
    loaded.set(id, snapshot);
    if (snapshot === undefined) cold.push(id);
  }
  for (const snapshot of await readStreams(pool, workspaceId, cold)) {
    loaded.set(snapshot.id, snapshot);
    hot.keep(workspaceId, snapshot);
  }
};

interface LoadPasts {
  readonly missing: ReadonlyMap<string, Past>;
  readonly pasts: Map<string, JsonObject | undefined>;
}

const loadPasts = async ({ pool }: CommitParts, workspaceId: Uuid, { missing, pasts }: LoadPasts): Promise<void> => {
  for (const [key, { stream, version }] of missing)
    pasts.set(key, await readPast(pool.for(workspaceId), workspaceId, stream, version));
};

/** Every id that the log has not answered for yet, refused ones included: they may be repetitions. */
const newIds = (requests: readonly Request[], known: ReadonlyMap<Uuid, Known>): Uuid[] => {
  const ids = new Set<Uuid>();
  for (const { id } of requests.flatMap((request) => request.events)) if (id !== null && !known.has(id)) ids.add(id);
  return [...ids];
};

/** Remembers the access position that the rights were judged at, for the append to compare. */
const judgeAt =
  (judge: (principal: Principal) => Judged, judged: { position: number }) =>
  (principal: Principal): Judged => {
    const rights = judge(principal);
    judged.position = rights.position;
    return rights;
  };

interface Pairs {
  readonly draft: Draft;
  readonly pairs: Map<string, PastPair | undefined>;
}

const loadPairs = async (
  { pool }: CommitParts,
  workspaceId: Uuid,
  { draft: { missingPairs }, pairs }: Pairs,
): Promise<void> => {
  if (missingPairs.size === 0) return;
  const found = await readPastPairs(pool.for(workspaceId), workspaceId, [...missingPairs.values()]);
  for (const key of missingPairs.keys()) pairs.set(key, found.get(key));
};

interface Rates {
  readonly draft: Draft;
  readonly rates: Map<string, KnownRate | undefined>;
}

const loadRates = async (
  { pool }: CommitParts,
  workspaceId: Uuid,
  { draft: { missingRates }, rates }: Rates,
): Promise<void> => {
  if (missingRates.size === 0) return;
  const found = await readRates(pool.for(workspaceId), workspaceId, [...missingRates.values()]);
  for (const key of missingRates.keys()) rates.set(key, found.get(key));
};

interface Drafted {
  readonly draft: Draft;
  readonly decision: GroupDecision;
  readonly ids: readonly Uuid[];
  readonly access: number;
}

const toAppend = (workspaceId: Uuid, { draft, decision, ids, access }: Drafted): Append => ({
  workspaceId,
  access,
  ids,
  reads: draft.reads,
  events: draft.events,
  streams: [...draft.written.values()].map(({ snapshot, ordinal }) => ({
    ordinal,
    streamId: snapshot.id,
    streamType: snapshot.type,
    version: snapshot.version,
    rootId: snapshot.root,
    scopeId: snapshot.scope,
    createdAt: snapshot.createdAt,
    state: snapshot.state,
    clocks: snapshot.clocks,
  })),
  outcomes: decision.outcomes,
  scopes: [...draft.scopes.values()],
  rescopes: draft.rescopes,
  accessOrdinal: draft.accessOrdinal,
});

/**
 * A connection lost in mid-append leaves the outcome unknown. The append itself finds it out: sent again, it waits for the
 * row lock that the lost call may still hold, then either writes or names the ids that the lost call has written.
 */
const appendUntilKnown = async (
  pool: WorkspacePool,
  append: Append,
): Promise<{ reply: Appended | Outdated; lost: boolean }> => {
  const deadline = Date.now() + LOST_MS_MAX;
  for (let lost = false, pause = 20; ; lost = true, pause = Math.min(pause * 2, 1000)) {
    try {
      return { reply: await appendEvents(pool, append), lost };
    } catch (error) {
      if (!isConnectionLost(error) || Date.now() + pause > deadline) throw error;
      await delay(pause);
    }
  }
};

interface Written {
  readonly draft: Draft;
  readonly decision: GroupDecision;
  readonly reply: Appended;
  readonly asPrepared: boolean;
}

const remember = (
  parts: CommitParts,
  workspaceId: Uuid,
  { draft, decision, reply, asPrepared }: Written,
): Committed => {
  for (const { snapshot } of draft.written.values()) parts.hot.keep(workspaceId, snapshot);
  parts.access.heard(workspaceId, reply.access);
  return { results: decision.results(reply.before), head: reply.head, asPrepared };
};

interface Stale {
  readonly reply: Outdated;
  readonly lost: boolean;
  readonly known: Map<Uuid, Known>;
}

const forget = async (parts: CommitParts, workspaceId: Uuid, { reply, lost, known }: Stale): Promise<void> => {
  parts.access.heard(workspaceId, reply.access);
  for (const id of reply.stale) parts.hot.forget(workspaceId, id);
  if (reply.known.length === 0) return;
  for (const [id, outcome] of await readOutcomes(parts.pool, workspaceId, reply.known))
    known.set(id, { ...outcome, ours: lost });
};
