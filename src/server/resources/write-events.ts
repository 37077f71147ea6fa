import { clockAfter, formatClock, type HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { ProposedEvent, RegisterClocks, StreamRef } from '../../shared/contract/envelope.ts';
import type { Problem } from '../../shared/contract/problem.ts';
import { rejection } from '../../shared/contract/rejections.ts';
import { definitionOf } from '../../shared/contract/events/registry.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { newestClock } from '../../shared/domain/register-clocks.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Guard } from '../sync/decide-event.ts';
import type { Push } from '../sync/push.ts';
import type { EventDraft } from '../../shared/domain/changes/event-draft.ts';
import { problemOfRejection, refusalAmong } from './refusals.ts';
import type { Found } from './version-conflict.ts';
import { eventsOfKey, forgetEvents, keepEvents, type RequestKey } from './request-key.ts';

export interface WriteParts {
  readonly pool: WorkspacePool;
  readonly push: Push;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A UUIDv7. */
  readonly newId: () => Uuid;
}

/** Of a group that is to land only if the stream is as its author believes. */
export interface WriteCondition {
  readonly key?: RequestKey | undefined;
  /** What is wrong with the stream as the group's first event finds it; judged with the decision itself, so no change slips between. */
  readonly conflict?: ((found: Found, events: readonly EventDraft[]) => Problem | undefined) | undefined;
}

/** An event for a stream, and what is known of the stream; nothing of one that the group creates. */
export interface StreamDraft extends EventDraft {
  readonly id: Uuid;
  /** Where streams of several types have such an event. */
  readonly streamType?: StreamType;
  readonly basedOn?: number;
  readonly clocks?: RegisterClocks;
}

export interface Written {
  /** Of the newest event. */
  readonly position: number;
  /** The stream of each event; a repeated request gets those of the first one. */
  readonly streams: readonly StreamRef[];
}

/**
 * One group of events by the path that phones use. With a key, a repetition sends the events of the first request again
 * and is answered as their duplicate. Throws the Problem that a refusal means; then nothing was written and the key is free.
 *
 * @param drafts asked for only when the key is new
 */
export const writeEvents = async (
  parts: WriteParts,
  principal: Principal,
  drafts: () => Promise<readonly StreamDraft[]>,
  { key, conflict }: WriteCondition = {},
): Promise<Written> => {
  const known = key === undefined ? undefined : await eventsOfKey(parts.pool, principal, key);
  const events = known ?? (await kept(parts, principal, envelopes(parts, principal, await drafts()), key));
  if (events.length === 0) return { position: 0, streams: [] };
  let objection: Problem | undefined;
  const guard: Guard = (eventId, before) => {
    if (eventId !== events[0]?.id || before === undefined) return undefined;
    objection = conflict?.(before, events as readonly (ProposedEvent & EventDraft)[]);
    // Of the reasons one that the log does not remember.
    return objection === undefined ? undefined : rejection('blocked', objection.message);
  };
  const { results } = await parts.push.events(principal, events, { guard, onPresent: true });
  const refusal = refusalAmong(results);
  if (refusal !== undefined) {
    if (key !== undefined) await forgetEvents(parts.pool, principal, key, events);
    throw objection ?? problemOfRejection(refusal);
  }
  const positions = results.map((result) => ('position' in result ? result.position : 0));
  return { position: Math.max(...positions), streams: events.map(({ stream }) => stream) };
};

const kept = async (
  parts: WriteParts,
  principal: Principal,
  events: readonly ProposedEvent[],
  key: RequestKey | undefined,
): Promise<readonly ProposedEvent[]> =>
  key === undefined || events.length === 0 ? events : keepEvents(parts.pool, principal, key, events);

/** Each event is later than all before it, in its stream and in the group, so that nothing of the request is superseded. */
const envelopes = (parts: WriteParts, principal: Principal, drafts: readonly StreamDraft[]): ProposedEvent[] => {
  const group = parts.newId();
  let at: HybridClock = formatClock({ time: parts.now(), counter: 0, device: principal.deviceId });
  for (const { clocks } of drafts) {
    const newest = newestClock(clocks ?? {});
    if (newest !== undefined && newest >= at) at = clockAfter(newest, principal.deviceId);
  }
  return drafts.map(({ type, data, id, streamType, basedOn = 0 }, index) => {
    if (index > 0) at = clockAfter(at, principal.deviceId);
    const { stream, schemaVersion } = definitionOf(type);
    return {
      id: parts.newId(),
      type,
      schemaVersion,
      stream: { type: streamType ?? stream, id },
      basedOn,
      at,
      group,
      data,
    };
  });
};
