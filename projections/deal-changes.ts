import type { HybridClock } from '../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../src/shared/base/ids.ts';
import type { Json, JsonObject } from '../src/shared/base/json.ts';
import type { DealState } from '../src/shared/contract/events/deal.ts';
import type { Writes } from '../src/shared/contract/events/definition.ts';
import { occurredAt } from './occurrence.ts';
import type { FoldedEvent } from './projection.ts';

/** What the history of a deal follows. */
export interface DealMoment {
  readonly pipelineId: Uuid | null;
  readonly stageId: Uuid | null;
  readonly outcome: DealState['outcome'];
  readonly probabilityBp: number;
  readonly forecastCategory: string;
  readonly closedAt: string | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly expectedCloseDate: string | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  readonly source: string | null;
  readonly deletedAt: string | null;
}

const BEFORE: DealMoment = {
  pipelineId: null,
  stageId: null,
  outcome: 'open',
  probabilityBp: 0,
  forecastCategory: 'pipeline',
  closedAt: null,
  amountMinor: null,
  currency: null,
  expectedCloseDate: null,
  ownerId: null,
  teamId: null,
  source: null,
  deletedAt: null,
};
const FOLLOWED = Object.keys(BEFORE) as (keyof DealMoment)[];

/** An event as the history needs it: what it wrote to the followed fields, by register, and which of those it lost. */
export type DealChange = readonly [
  position: number,
  clock: HybridClock,
  recordedAt: string,
  writes: Readonly<Record<string, JsonObject>>,
  ...superseded: string[],
];

/** The deal from a change on, until the next point. */
export interface DealPoint {
  readonly position: number;
  /** When it occurred, as ISO time. */
  readonly at: string;
  readonly recordedAt: string;
  readonly moment: DealMoment;
}

const followedPart = (values: Readonly<Record<string, Json>>): JsonObject | undefined => {
  let part: Record<string, Json> | undefined;
  for (const field in values) if (field in BEFORE) (part ??= {})[field] = values[field] as Json;
  return part;
};

/** The change that an event makes to the followed fields; undefined where it touches none. */
export const changeOf = (event: FoldedEvent, writes: Writes): DealChange | undefined => {
  let followed: Record<string, JsonObject> | undefined;
  for (const register in writes) {
    const part = followedPart(writes[register] ?? {});
    if (part !== undefined) (followed ??= {})[register] = part;
  }
  if (followed === undefined) return undefined;
  if (event.superseded.length === 0) return [event.position, event.clock, event.recordedAt, followed];
  const lost = event.superseded.filter((field) => field in BEFORE);
  return [event.position, event.clock, event.recordedAt, followed, ...lost];
};

export const sameMoment = (one: DealMoment, other: DealMoment): boolean =>
  FOLLOWED.every((field) => one[field] === other[field]);

/** What the history follows of a deal. */
export const momentOf = (deal: DealState): DealMoment => {
  const moment: Record<string, Json> = {};
  for (const field of FOLLOWED) moment[field] = deal[field];
  return moment as unknown as DealMoment;
};

/** Leaves out points that change nothing. */
export const distinct = (points: readonly DealPoint[]): readonly DealPoint[] =>
  points.filter((point, index) => index === 0 || !sameMoment(point.moment, (points[index - 1] as DealPoint).moment));

/**
 * The deal after each change, in the order the server learned of them: what lost has no effect.
 *
 * @param since when the newest change before these occurred
 */
export const recordedPoints = (
  changes: readonly DealChange[],
  since: string,
  before: DealMoment = BEFORE,
): DealPoint[] => {
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
    moment = next as unknown as DealMoment;
    const at = occurredAt({ clock, recordedAt }, latest);
    latest = at > latest ? at : latest;
    return { position, at: latest, recordedAt, moment };
  });
};

/**
 * The deal after each change, in the order of their clocks: at every time it is what the changes with a clock up to then
 * amount to. A register keeps the stack of changes that took effect in it; one that comes later by clock but earlier by
 * position pushes those from the stack that the merge refused because of it. So both orders end in the same state.
 */
const occurredPoints = (changes: readonly DealChange[], createdAt: string): DealPoint[] => {
  const creation = (changes[0] as DealChange)[1];
  // A change with a clock before the creation's lost every register to it.
  const inOrder = changes.filter((change) => change[1] >= creation).toSorted(byClock);
  const stacks = new Map<string, DealChange[]>();
  let moment = BEFORE;
  let latest = createdAt;
  return inOrder.map((change) => {
    const next: Record<string, Json> = { ...moment };
    for (const register in change[3]) pushOn(stacks, register, change, next);
    moment = next as unknown as DealMoment;
    const [position, clock, recordedAt] = change;
    const at = occurredAt({ clock, recordedAt }, latest);
    latest = at > latest ? at : latest;
    return { position, at: latest, recordedAt, moment };
  });
};

const byClock = (one: DealChange, other: DealChange): number =>
  one[1] === other[1] ? one[0] - other[0] : one[1] < other[1] ? -1 : 1;

const pushOn = (
  stacks: Map<string, DealChange[]>,
  register: string,
  change: DealChange,
  next: Record<string, Json>,
): void => {
  const stack = stacks.get(register) ?? [];
  stacks.set(register, stack);
  const height = stack.length;
  const kept = stack.findLastIndex((earlier) => earlier[0] < change[0]) + 1;
  for (const undone of stack.splice(kept)) {
    for (const field in undone[3][register]) next[field] = BEFORE[field as keyof DealMoment];
  }
  if (kept < height) for (const earlier of stack) Object.assign(next, earlier[3][register]);
  stack.push(change);
  Object.assign(next, change[3][register]);
};

const inOneOrder = (changes: readonly DealChange[]): boolean => {
  for (let index = 0; index < changes.length; index++) {
    const change = changes[index] as DealChange;
    if (change.length > 4 || (index > 0 && (changes[index - 1] as DealChange)[1] > change[1])) return false;
  }
  return true;
};

export interface DealPoints {
  readonly recorded: readonly DealPoint[];
  readonly occurred: readonly DealPoint[];
}

export interface DealPast extends DealPoints {
  /** Both clocks tell the same, as nothing came late. */
  readonly ordered: boolean;
  /** When the newest change occurred. */
  readonly latest: string;
}

/** The whole history of a deal on both clocks; one and the same list where nothing came late, which is nearly always. */
export const dealPast = (changes: readonly DealChange[], createdAt: string): DealPast => {
  const all = recordedPoints(changes, createdAt);
  const recorded = distinct(all);
  const ordered = inOneOrder(changes);
  const occurred = ordered ? recorded : distinct(occurredPoints(changes, createdAt));
  return { recorded, occurred, ordered, latest: all.at(-1)?.at ?? createdAt };
};
