import type { HybridClock } from '../src/shared/base/hybrid-clock.ts';
import type { JsonObject } from '../src/shared/base/json.ts';
import type { DealState } from '../src/shared/contract/events/deal.ts';
import { type DealMoment, type DealPoint, type DealPoints, momentOf, sameDeal } from './deal-moment.ts';
import { arrivals, sameStage } from './deal-stage-visit.ts';
import { type Change, distinct, type Past, recordedPoints } from './history.ts';
import { occurredAt } from './occurrence.ts';
import type { RecordOf } from './record.ts';

/**
 * Where the history of a deal stands: enough to go on with a change that comes in order, which nearly all do, so that a
 * deal need not keep all of its changes.
 */
type DealTrack = {
  readonly ordered: true;
  /** When the stay in the present stage began, by when things occurred. */
  readonly enteredAt: string;
  readonly enteredPosition: number;
  readonly enteredRecordedAt: string;
  readonly visit: number;
  /** When the present span began. */
  readonly fromAt: string;
  readonly fromPosition: number;
  readonly fromRecordedAt: string;
  readonly entry: number;
  /** Of the newest change, and when that occurred. */
  readonly clock: HybridClock;
  readonly at: string;
};

/** Both clocks have their own histories: the next change needs all that came before. */
type Disordered = { readonly ordered: false; readonly enteredAt: string };

const trackOf = (track: JsonObject) => track as unknown as DealTrack;

export const stageEnteredAt = (track: JsonObject): string => trackOf(track).enteredAt;

/** Whether a stored track can take in a change. A deletion is told in every stay's row, so it needs them all. */
export const comesInOrder = (track: JsonObject, change: Change): boolean => {
  const { ordered, clock } = trackOf(track);
  return ordered && change.length === 4 && change[1] >= clock && !('deletion' in change[3]);
};

/** The track at the end of a whole past. */
export const trackOfPast = (past: Past<DealMoment>, changes: readonly Change[]): JsonObject => {
  const stays = arrivals(past.occurred);
  const stay = stays.at(-1);
  const span = past.recorded.at(-1);
  const clock = changes.at(-1)?.[1];
  // Without a single change there is nothing to go on from.
  if (!past.ordered || stay === undefined || span === undefined || clock === undefined) {
    return { ordered: false, enteredAt: stay?.at ?? past.latest } satisfies Disordered;
  }
  return {
    ordered: true,
    enteredAt: stay.at,
    enteredPosition: stay.position,
    enteredRecordedAt: stay.recordedAt,
    visit: stays.length,
    fromAt: span.at,
    fromPosition: span.position,
    fromRecordedAt: span.recordedAt,
    entry: past.recorded.length,
    clock,
    at: past.latest,
  } satisfies DealTrack;
};

export interface DealStep {
  readonly change: Change;
  readonly before: RecordOf<DealState>;
  readonly after: RecordOf<DealState>;
}

/** The track after a change that comes in order. */
export const trackAfter = (track: JsonObject, { change, before, after }: DealStep): JsonObject => {
  const [position, clock, recordedAt] = change;
  const { at: latest, entry, visit } = trackOf(track);
  const occurred = occurredAt({ clock, recordedAt }, latest);
  const at = occurred > latest ? occurred : latest;
  if (sameDeal(before, after)) return { ...track, clock, at };
  const span = { fromAt: at, fromPosition: position, fromRecordedAt: recordedAt, entry: entry + 1 };
  if (sameStage(before, after)) return { ...track, clock, at, ...span };
  const stay = { enteredAt: at, enteredPosition: position, enteredRecordedAt: recordedAt, visit: visit + 1 };
  return { ...track, ...stay, ...span, clock, at };
};

/** What in-order changes made of a deal that was stored: the open span and stay that they found, and all since. */
export const pointsSince = (
  stored: JsonObject,
  deal: RecordOf<DealState>,
  changes: readonly Change[],
): { readonly spans: DealPoints; readonly visits: DealPoints; readonly entry: number; readonly visit: number } => {
  const track = trackOf(stored);
  const moment = momentOf(deal);
  const since = recordedPoints(changes, track.at, moment);
  const open = { position: track.fromPosition, at: track.fromAt, recordedAt: track.fromRecordedAt, moment };
  const stay = { position: track.enteredPosition, at: track.enteredAt, recordedAt: track.enteredRecordedAt, moment };
  return {
    spans: onBoth(distinct([open, ...since], sameDeal)),
    visits: onBoth([stay, ...since]),
    entry: track.entry,
    visit: track.visit,
  };
};

const onBoth = (points: readonly DealPoint[]): DealPoints => ({ recorded: points, occurred: points });
