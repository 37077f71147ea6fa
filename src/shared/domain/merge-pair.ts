import type { EventType } from '../contract/events/registry.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Judged } from './judge.ts';

interface Half {
  /** The field of this half that names the other record, and the field of the other half that must name this one. */
  readonly names: 'absorbedId' | 'survivorId';
  readonly namedBy: 'absorbedId' | 'survivorId';
  readonly other: EventType;
}

const HALVES: ReadonlyMap<EventType, Half> = new Map<EventType, Half>([
  ['ContactMerged', { names: 'absorbedId', namedBy: 'survivorId', other: 'ContactMergedInto' }],
  ['ContactMergedInto', { names: 'survivorId', namedBy: 'absorbedId', other: 'ContactMerged' }],
  ['CompanyMerged', { names: 'absorbedId', namedBy: 'survivorId', other: 'CompanyMergedInto' }],
  ['CompanyMergedInto', { names: 'survivorId', namedBy: 'absorbedId', other: 'CompanyMerged' }],
]);

/** Whether an event is one side of a merge, which never happens without the other. */
export const isMergeHalf = (type: EventType): boolean => HALVES.has(type);

/**
 * Refuses one side of a merge whose other side is not among the events that happen with it, all or nothing: half a merge
 * would leave a record that two believe to hold, or one that went nowhere.
 */
export const unpaired = ({ type, data, stream }: Judged, together: readonly Judged[]): Rejection | undefined => {
  const half = HALVES.get(type);
  if (half === undefined) return undefined;
  const { names, namedBy, other } = half;
  const isOther = (candidate: Judged): boolean =>
    candidate.type === other && candidate.stream.id === data[names] && candidate.data[namedBy] === stream.id;
  return together.some(isOther)
    ? undefined
    : invalidField(names, `needs, in the same group, a ${other} of that ${stream.type} with this one as ${namedBy}`);
};
