import type { DealMoment, DealPoint } from './deal-changes.ts';

/** How long something held, on either clock; null where that clock never saw it. */
export interface DealSpan {
  readonly moment: DealMoment;
  readonly fromPosition: number | null;
  /** null: to this day. So are all other ends. */
  readonly toPosition: number | null;
  readonly fromRecordedAt: string | null;
  readonly toRecordedAt: string | null;
  readonly fromAt: string | null;
  readonly toAt: string | null;
}

const NOTHING: readonly DealPoint[] = [];

/** The span that begins with the points of that index, in whichever list has one. */
const spanAt = (recorded: readonly DealPoint[], occurred: readonly DealPoint[], index: number): DealSpan => {
  const [record, recordEnd] = [recorded[index], recorded[index + 1]];
  const [occurrence, occurrenceEnd] = [occurred[index], occurred[index + 1]];
  return {
    moment: ((record ?? occurrence) as DealPoint).moment,
    fromPosition: record?.position ?? null,
    toPosition: recordEnd?.position ?? null,
    fromRecordedAt: record?.recordedAt ?? null,
    toRecordedAt: recordEnd?.recordedAt ?? null,
    fromAt: occurrence?.at ?? null,
    toAt: occurrenceEnd?.at ?? null,
  };
};

/**
 * Both clocks' histories in one list. While they tell the same, they share their spans, which is nearly always all of
 * them; from the first difference on, each clock has its own.
 */
export const spansOf = (
  recorded: readonly DealPoint[],
  occurred: readonly DealPoint[],
  same: (one: DealMoment, other: DealMoment) => boolean,
): DealSpan[] => {
  const differs = recorded.findIndex((point, index) => {
    const other = occurred[index];
    return other?.position !== point.position || !same(point.moment, other.moment);
  });
  const shared = differs < 0 ? recorded.length : differs;
  const spans: DealSpan[] = [];
  for (let index = 0; index < recorded.length; index += 1) {
    spans.push(spanAt(recorded, index < shared ? occurred : NOTHING, index));
  }
  for (let index = shared; index < occurred.length; index += 1) spans.push(spanAt(NOTHING, occurred, index));
  return spans;
};
