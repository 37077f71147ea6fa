import type { Moment, Point } from './history.ts';

/** How long something held, on either clock; null where that clock never saw it. */
export interface Span<M extends Moment> {
  readonly moment: M;
  readonly fromPosition: number | null;
  /** null: to this day. So are all other ends. */
  readonly toPosition: number | null;
  readonly fromRecordedAt: string | null;
  readonly toRecordedAt: string | null;
  /** When it occurred as far as the recorded clock could tell, which no later event changes. */
  readonly fromKnownAt: string | null;
  readonly toKnownAt: string | null;
  readonly fromAt: string | null;
  readonly toAt: string | null;
}

const NOTHING: readonly Point<never>[] = [];

/** The span that begins with the points of that index, in whichever list has one. */
const spanAt = <M extends Moment>(
  recorded: readonly Point<M>[],
  occurred: readonly Point<M>[],
  index: number,
): Span<M> => {
  const [record, recordEnd] = [recorded[index], recorded[index + 1]];
  const [occurrence, occurrenceEnd] = [occurred[index], occurred[index + 1]];
  return {
    moment: ((record ?? occurrence) as Point<M>).moment,
    fromPosition: record?.position ?? null,
    toPosition: recordEnd?.position ?? null,
    fromRecordedAt: record?.recordedAt ?? null,
    toRecordedAt: recordEnd?.recordedAt ?? null,
    fromKnownAt: record?.at ?? null,
    toKnownAt: recordEnd?.at ?? null,
    fromAt: occurrence?.at ?? null,
    toAt: occurrenceEnd?.at ?? null,
  };
};

/**
 * Both clocks' histories in one list. While they tell the same, they share their spans, which is nearly always all of
 * them; from the first difference on, each clock has its own.
 */
export const spansOf = <M extends Moment>(
  recorded: readonly Point<M>[],
  occurred: readonly Point<M>[],
  same: (one: M, other: M) => boolean,
): Span<M>[] => {
  const differs = recorded.findIndex((point, index) => {
    const other = occurred[index];
    return other?.position !== point.position || !same(point.moment, other.moment);
  });
  const shared = differs < 0 ? recorded.length : differs;
  const spans: Span<M>[] = [];
  for (let index = 0; index < recorded.length; index += 1) {
    spans.push(spanAt(recorded, index < shared ? occurred : NOTHING, index));
  }
  for (let index = shared; index < occurred.length; index += 1) spans.push(spanAt(NOTHING, occurred, index));
  return spans;
};
