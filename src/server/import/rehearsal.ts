import type { Uuid } from '../../shared/base/ids.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { PushResult } from '../../shared/contract/sync.ts';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import type { Rights } from '../access/rights.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { firstPipeline } from '../log/first-pipeline.ts';
import { readOutcomes } from '../log/outcomes.ts';
import { readPastPairs, type PastPair } from '../log/past-pairs.ts';
import { readStreams, type StreamSnapshot } from '../log/read-streams.ts';
import { senderAt } from '../sync/decide-event.ts';
import { decideGroup, type GroupDecision, type Known, type Request } from '../sync/decide-group.ts';
import { createDraft, type Draft } from '../sync/draft.ts';
import { examine, isWellFormed, type Examined } from '../sync/examine.ts';
import type { Push } from '../sync/push.ts';

/** Events remembered; of a longer file the first ones are forgotten, and a row that repeats one of them counts as new. */
const REMEMBERED_MAX = 200_000;
/** Streams that later rows may refer to. The others are needed just while their row is at hand. */
const REFERRED: ReadonlySet<StreamType> = new Set(['company', 'pipeline', 'team', 'user']);

/**
 * A push that asks the same rules about the same states and keeps what it would have written to itself: what a dry run
 * sends to. It remembers what was sent, so that a row that refers to an earlier one gets the verdict it would get.
 */
export const createRehearsal = (pool: WorkspacePool, contentKey: Buffer, access: Access): Push => {
  const streams = new Map<Uuid, StreamSnapshot>();
  const known = new Map<Uuid, Known>();
  const hashKey = contentKey.toString('hex');

  const remember = (draft: Draft, events: readonly Examined[], results: readonly PushResult[]): void => {
    for (const { snapshot } of draft.written.values())
      if (REFERRED.has(snapshot.type)) streams.set(snapshot.id, snapshot);
    for (const [index, first] of results.entries()) {
      const { id, contentHash } = events[index] as Examined;
      if (id !== null && (first.status === 'accepted' || first.status === 'merged'))
        known.set(id, { first, contentHash, ours: false });
    }
    for (const id of known.keys()) {
      if (known.size <= REMEMBERED_MAX) break;
      known.delete(id);
    }
  };
  return {
    events: async (principal, raw) => {
      const events = raw.map((event) => examine(event, hashKey));
      const request = await requestOf(pool, principal, events);
      const { workspaceId } = principal;
      const ids = events.flatMap(({ id }) => id ?? []).filter((id) => !known.has(id));
      const stored = await readOutcomes(pool, workspaceId, ids);
      for (const [id, outcome] of stored) known.set(id, { ...outcome, ours: false });
      const { draft, decision } = await decide(pool, workspaceId, {
        request,
        streams,
        known,
        rightsOf: await access.current(workspaceId),
      });
      const results = decision.results(0)[0] ?? [];
      remember(draft, events, results);
      return { results, head: 0 };
    },
  };
};

const requestOf = async (pool: WorkspacePool, principal: Principal, events: readonly Examined[]): Promise<Request> => ({
  sender: senderAt(Date.now(), {
    principal,
    devices: new Set([principal.deviceId]),
    defaultPipelineId: await firstPipeline(pool, principal.workspaceId),
    onPresent: true,
  }),
  events,
});

interface Rehearsed {
  readonly request: Request;
  readonly streams: ReadonlyMap<Uuid, StreamSnapshot>;
  readonly known: ReadonlyMap<Uuid, Known>;
  readonly rightsOf: (principal: Principal) => Rights;
}

/** Decides until every stream that the decisions need is loaded; each round finds at least one more. */
const decide = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  { request, streams, known, rightsOf }: Rehearsed,
): Promise<{ draft: Draft; decision: GroupDecision }> => {
  const loaded = new Map<Uuid, StreamSnapshot | undefined>();
  const pairs = new Map<string, PastPair | undefined>();
  let missing = streamsOf(request);
  for (;;) {
    for (const id of missing) loaded.set(id, streams.get(id));
    for (const snapshot of await readStreams(
      pool,
      workspaceId,
      missing.filter((id) => !streams.has(id)),
    ))
      loaded.set(snapshot.id, snapshot);
    const draft = createDraft({ loaded, pasts: new Map(), pairs, rates: new Map() });
    const decision = decideGroup(draft, [request], { known, rightsOf });
    if (draft.missing.size === 0 && draft.missingPairs.size === 0) return { draft, decision };
    missing = [...draft.missing];
    const found = await readPastPairs(pool.for(workspaceId), workspaceId, [...draft.missingPairs.values()]);
    for (const key of draft.missingPairs.keys()) pairs.set(key, found.get(key));
  }
};

const streamsOf = ({ events }: Request): Uuid[] =>
  events.flatMap(({ event }) =>
    isWellFormed(event)
      ? [event.proposed.stream.id, ...event.definition.references(event.data).map(({ ref }) => ref.id)]
      : [],
  );
