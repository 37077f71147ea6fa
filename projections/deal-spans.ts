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

const onRecorded = (points: readonly DealPoint[], index: number) => ({
  fromPosition: points[index]?.position ?? null,
  toPosition: points[index + 1]?.position ?? null,
  fromRecordedAt: points[index]?.recordedAt ?? null,
  toRecordedAt: points[index + 1]?.recordedAt ?? null,
});

const onOccurred = (points: readonly DealPoint[], index: number) => ({
  fromAt: points[index]?.at ?? null,
  toAt: points[index + 1]?.at ?? null,
});

const NOT_RECORDED = onRecorded([], 0);
const NOT_OCCURRED = onOccurred([], 0);

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
  for (const [index, { moment }] of recorded.entries()) {
    const at = index < shared ? onOccurred(occurred, index) : NOT_OCCURRED;
    spans.push({ moment, ...onRecorded(recorded, index), ...at });
  }
  for (const [index, { moment }] of occurred.entries()) {
    if (index >= shared) spans.push({ moment, ...NOT_RECORDED, ...onOccurred(occurred, index) });
  }
  return spans;
};
