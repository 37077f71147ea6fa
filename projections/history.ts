import type { HybridClock } from '../src/shared/base/hybrid-clock.ts';
import type { Json, JsonObject } from '../src/shared/base/json.ts';
import type { Writes } from '../src/shared/contract/events/definition.ts';
import { occurredAt } from './occurrence.ts';
import type { FoldedEvent } from './projection.ts';

/** Fields of a record that a history follows, by name. */
export type Moment = Readonly<Record<string, Json>>;

/** An event as the history needs it: what it wrote to the followed fields, by register, and which of those it lost. */
export type Change = readonly [
  position: number,
  clock: HybridClock,
  recordedAt: string,
  writes: Readonly<Record<string, JsonObject>>,
  ...superseded: string[],
];

/** The record from a change on, until the next point. */
export interface Point<M extends Moment = Moment> {
  readonly position: number;
  /** When it occurred, as ISO time. */
  readonly at: string;
  readonly recordedAt: string;
  readonly moment: M;
}

const followedPart = (values: JsonObject, before: Moment): JsonObject | undefined => {
  let part: Record<string, Json> | undefined;
  for (const field in values) if (field in before) (part ??= {})[field] = values[field] as Json;
  return part;
};

/**
 * The change that an event makes to the followed fields; undefined where it touches none.
 *
 * @param before the followed fields as they are before the stream's first event
 */
export const changeOf = (event: FoldedEvent, writes: Writes, before: Moment): Change | undefined => {
  let followed: Record<string, JsonObject> | undefined;
  for (const register in writes) {
    const part = followedPart(writes[register] ?? {}, before);
    if (part !== undefined) (followed ??= {})[register] = part;
  }
  if (followed === undefined) return undefined;
  if (event.superseded.length === 0) return [event.position, event.clock, event.recordedAt, followed];
  const lost = event.superseded.filter((field) => field in before);
  return [event.position, event.clock, event.recordedAt, followed, ...lost];
};

/** Whether two records, or moments, have the same in all fields of `before`. */
export const sameIn =
  <Followed extends object>(before: Followed) =>
  (one: Followed, other: Followed): boolean => {
    for (const field in before) if (one[field] !== other[field]) return false;
    return true;
  };

/** Leaves out points that change nothing. */
export const distinct = <M extends Moment>(
  points: readonly Point<M>[],
  same: (one: M, other: M) => boolean,
): readonly Point<M>[] =>
  points.filter((point, index) => index === 0 || !same(point.moment, (points[index - 1] as Point<M>).moment));

/**
 * The record after each change, in the order the server learned of them: what lost has no effect.
 *
 * @param since when the newest change before these occurred
 * @param before what they found
 */
export const recordedPoints = <M extends Moment>(changes: readonly Change[], since: string, before: M): Point<M>[] => {
  let moment = before;
  let latest = since;
  return changes.map(([position, clock, recordedAt, writes, ...superseded]) => {
    const next: Record<string, Json> = { ...moment };
    for (const register in writes) {
      const values = writes[register] as JsonObject;
      for (const field in values) {
        if (superseded.length === 0 || !superseded.includes(field)) next[field] = values[field] as Json;
      }
    }
    moment = next as unknown as M;
    const at = occurredAt({ clock, recordedAt }, latest);
    latest = at > latest ? at : latest;
    return { position, at: latest, recordedAt, moment };
  });
};

/**
 * The record after each change, in the order of their clocks: at every time it is what the changes with a clock up to then
 * amount to. A register keeps the stack of changes that took effect in it; one that comes later by clock but earlier by
 * position pushes those from the stack that the merge refused because of it. So both orders end in the same state.
 */
const occurredPoints = <M extends Moment>(changes: readonly Change[], createdAt: string, before: M): Point<M>[] => {
  const creation = (changes[0] as Change)[1];
  // A change with a clock before the creation's lost every register to it.
  const inOrder = changes.filter((change) => change[1] >= creation).toSorted(byClock);
  const stacks = new Map<string, Change[]>();
  let moment = before;
  let latest = createdAt;
  return inOrder.map((change) => {
    const next: Record<string, Json> = { ...moment };
    for (const register in change[3]) pushOn({ stacks, before, next }, register, change);
    moment = next as unknown as M;
    const [position, clock, recordedAt] = change;
    const at = occurredAt({ clock, recordedAt }, latest);
    latest = at > latest ? at : latest;
    return { position, at: latest, recordedAt, moment };
  });
};

const byClock = (one: Change, other: Change): number =>
  one[1] === other[1] ? one[0] - other[0] : one[1] < other[1] ? -1 : 1;

interface Stacks {
  readonly stacks: Map<string, Change[]>;
  readonly before: Moment;
  readonly next: Record<string, Json>;
}

const pushOn = ({ stacks, before, next }: Stacks, register: string, change: Change): void => {
  const stack = stacks.get(register) ?? [];
  stacks.set(register, stack);
  const height = stack.length;
  const kept = stack.findLastIndex((earlier) => earlier[0] < change[0]) + 1;
  for (const undone of stack.splice(kept)) {
    for (const field in undone[3][register]) next[field] = before[field] as Json;
  }
  if (kept < height) for (const earlier of stack) Object.assign(next, earlier[3][register]);
  stack.push(change);
  Object.assign(next, change[3][register]);
};

const inOneOrder = (changes: readonly Change[]): boolean => {
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index] as Change;
    if (change.length > 4 || (index > 0 && (changes[index - 1] as Change)[1] > change[1])) return false;
  }
  return true;
};

export interface Points<M extends Moment = Moment> {
  readonly recorded: readonly Point<M>[];
  readonly occurred: readonly Point<M>[];
}

export interface Past<M extends Moment = Moment> extends Points<M> {
  /** Both clocks tell the same, as nothing came late. */
  readonly ordered: boolean;
  /** When the newest change occurred. */
  readonly latest: string;
}

/** The whole history of a record on both clocks; one and the same list where nothing came late, which is nearly always. */
export const pastOf = <M extends Moment>(changes: readonly Change[], createdAt: string, before: M): Past<M> => {
  const same = sameIn(before);
  const all = recordedPoints(changes, createdAt, before);
  const recorded = distinct(all, same);
  const ordered = inOneOrder(changes);
  const occurred = ordered ? recorded : distinct(occurredPoints(changes, createdAt, before), same);
  return { recorded, occurred, ordered, latest: all.at(-1)?.at ?? createdAt };
};
