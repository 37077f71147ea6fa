import type { Cell, Side, Standing } from './waterfall-cells.ts';

/** Deals, and their amounts together in minor units. */
export interface Step {
  readonly count: number;
  readonly amountMinor: number;
}

export const STEPS = [
  'start',
  'created',
  'pulledIn',
  'movedIn',
  'reopened',
  'restored',
  'increased',
  'decreased',
  'pushedOut',
  'movedOut',
  'won',
  'lost',
  'deleted',
  'end',
] as const;
export type StepName = (typeof STEPS)[number];
export type Waterfall = Readonly<Record<StepName, Step>>;

type Mutable = Record<StepName, { count: number; amountMinor: number }>;

/** A change has one reason: what kept the deal out is why it comes in, and what keeps it out is why it leaves. */
const COMES: Readonly<Record<Standing, StepName>> = {
  in: 'movedIn',
  filtered: 'movedIn',
  deleted: 'restored',
  won: 'reopened',
  lost: 'reopened',
  window: 'pulledIn',
};
const LEAVES: Readonly<Record<Standing, StepName>> = {
  in: 'movedOut',
  filtered: 'movedOut',
  deleted: 'deleted',
  won: 'won',
  lost: 'lost',
  window: 'pushedOut',
};

/**
 * The waterfall of each group of deals, from what happened to them change by change: start + created + pulledIn + movedIn
 * + reopened + restored + increased − decreased − pushedOut − movedOut − won − lost − deleted = end, in deals (which rise
 * and fall in amount without being more or fewer) and in minor units.
 *
 * @param groupOf the group that a side counts for; between two groups a deal moves out of one and into the other
 */
export const waterfallsOf = <Group extends string>(
  cells: readonly Cell[],
  groupOf: (side: Side) => Group,
): ReadonlyMap<Group, Waterfall> => {
  const groups = new Map<Group, Mutable>();
  const add = (side: Side, step: StepName, count: number, amountMinor: number): void => {
    const waterfall = groups.get(groupOf(side)) ?? none();
    groups.set(groupOf(side), waterfall);
    waterfall[step].count += count;
    waterfall[step].amountMinor += amountMinor;
  };
  for (const cell of cells) {
    const { was, is, n, wasMinor, isMinor } = cell;
    const sign = cell.sign ?? 0;
    if (is.standing === 'in' && cell.first) add(is, 'start', n, isMinor);
    if (is.standing === 'in' && cell.last) add(is, 'end', n, isMinor);
    if (!cell.begun) continue;
    const isIn = is.standing === 'in';
    const wasIn = was?.standing === 'in';
    if (isIn && wasIn && groupOf(is) === groupOf(was)) {
      if (sign > 0 && comparable(was, is)) add(is, 'increased', n, isMinor - wasMinor);
      if (sign < 0 && comparable(was, is)) add(is, 'decreased', n, wasMinor - isMinor);
      continue;
    }
    if (wasIn) add(was, LEAVES[is.standing], n, wasMinor);
    if (isIn) add(is, was === null ? 'created' : COMES[was.standing], n, isMinor);
  }
  return groups;
};

/** Amounts of two currencies are neither more nor less; a deal without an amount has 0 of any. */
const comparable = (was: Side, is: Side): boolean =>
  was.currency === null || is.currency === null || was.currency === is.currency;

const none = (): Mutable =>
  Object.fromEntries(STEPS.map((step) => [step, { count: 0, amountMinor: 0 }])) as unknown as Mutable;

/** Where nothing ever was. */
export const EMPTY: Waterfall = none();
