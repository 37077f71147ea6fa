import { clockTime, type HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { ProposedEvent, StreamRef } from '../../shared/contract/envelope.ts';
import { definitionOf, isEventType } from '../../shared/contract/events/registry.ts';
import { upcast } from '../../shared/contract/events/upcast.ts';
import type { WorkspaceState } from '../../shared/contract/events/workspace.ts';
import { rejection, type Rejection } from '../../shared/contract/rejections.ts';
import { merge } from '../../shared/domain/merge.ts';
import {
  mergeClock,
  proposeUnasked,
  type AskContext,
  type Proposing,
  type Standing,
} from '../../shared/domain/propose.ts';
import { deciderOf } from '../../shared/domain/registry.ts';
import { createdAtOf } from './confirmed.ts';
import type { Outcome } from './outbox.ts';
import type { Viewed } from './viewed.ts';

/** What an event may refer to, as it is on view. */
export interface Surroundings {
  readonly userId: Uuid;
  readonly get: (id: Uuid) => Viewed | undefined;
  readonly idsOf: (type: string) => Iterable<Uuid>;
  /** The server's word on the event, if it has spoken. */
  readonly outcome?: Outcome | undefined;
}

/** A record after one more event of this device, by the rules that the server applies; or their no. */
export const foldPending = (
  event: ProposedEvent,
  before: Viewed | undefined,
  around: Surroundings,
): Result<Viewed, Rejection> => {
  const read = readable(event, before);
  if (!read.ok) return read;
  const { type, data } = read.value;
  const isTaken = around.outcome?.kind === 'taken';
  // What the server has taken was up to date, and is no question any more, whatever is confirmed here by now.
  const basedOn = isTaken ? (before?.version ?? 0) : event.basedOn;
  const proposing = { ...event, type, data, basedOn };
  const clock = around.outcome?.kind === 'taken' ? around.outcome.clock : event.at;
  const standing: Standing | undefined = before && { ...before, createdAt: createdAtOf(before.clocks) };
  const proposal = proposeUnasked(standing, proposing, contextOf(proposing, clock, around));
  if (!proposal.ok) return proposal;
  if (proposal.value.kind !== 'change') return err(rejection('blocked', ASKS));
  return ok(written(proposing, before, { clock, data: proposal.value.data }));
};

const contextOf = ({ type, data, stream }: Proposing, clock: HybridClock, around: Surroundings): AskContext => ({
  streamId: stream.id,
  actor: around.userId,
  clock,
  // Judged at the time that the event itself names: folded again later, it means the same.
  receivedAt: clockTime(clock),
  defaultPipelineId: type === 'DealCreated' && data['pipelineId'] === undefined ? defaultPipeline(around) : undefined,
  lookup: (ref: StreamRef) => {
    const found = around.get(ref.id);
    return found?.type === ref.type ? found.state : undefined;
  },
  policyOf: (register) => policies(around)?.[register] ?? 'conflict',
});

const policies = ({ get, idsOf }: Surroundings): WorkspaceState['registers'] | undefined => {
  const [id] = idsOf('workspace');
  return id === undefined ? undefined : (get(id)?.state as unknown as WorkspaceState | undefined)?.registers;
};

const created = (pipeline: Viewed): string => createdAtOf(pipeline.clocks);

/** Where the server puts a deal that names no pipeline: the oldest one. */
const defaultPipeline = ({ get, idsOf }: Surroundings): Uuid | undefined => {
  let oldest: Viewed | undefined;
  for (const id of idsOf('pipeline')) {
    const pipeline = get(id);
    if (pipeline !== undefined && (oldest === undefined || created(pipeline) < created(oldest))) oldest = pipeline;
  }
  return oldest?.id;
};

const written = (
  { type, stream }: Proposing,
  before: Viewed | undefined,
  { clock: own, data }: { readonly clock: HybridClock; readonly data: JsonObject },
): Viewed => {
  const state = before?.state ?? deciderOf(stream.type).initialState;
  const version = (before?.version ?? 0) + 1;
  const clocks = before?.clocks ?? {};
  const clock = mergeClock(type, own, clocks);
  const writes = definitionOf(type).writes(data, state);
  const merged = merge({ state, clocks }, { type, data, writes, clock, version });
  return {
    id: stream.id,
    type: stream.type,
    state: merged.state,
    clocks: merged.clocks,
    version,
    confirmedVersion: before?.confirmedVersion ?? 0,
    needsUpdate: before?.needsUpdate ?? false,
  };
};

const readable = (event: ProposedEvent, before: Viewed | undefined) => {
  const { type, schemaVersion } = event;
  if (before?.needsUpdate === true) return err(rejection('unknown_type', NEEDS_UPDATE));
  const newest = isEventType(type) ? upcast(type, schemaVersion, event.data) : undefined;
  if (!isEventType(type) || newest === undefined) return err(rejection('unknown_type', NEEDS_UPDATE));
  return ok({ type, data: newest.data });
};

const ASKS = 'somebody else changed the same meanwhile: a person will be asked';
export const NEEDS_UPDATE = 'this record was changed by a newer app: update this one to edit it';
