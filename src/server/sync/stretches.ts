import type { Judged } from '../access/access.ts';

/** Positions of the first stretch that is looked through, an op that there is room for; each further one is longer. */
const FIRST_STRETCH = 4;
const LONGER = 16;
const STRETCH_MAX = 1_000_000;
/** How much longer than the last page's. */
const SPARE = 1.25;

/** Positions an op on the last page of a principal: a stretch a little longer than that mostly fills the next one. */
const stretches = new WeakMap<Judged, number>();

/** Positions to look through first for a page of so many ops. */
export const firstStretch = (rights: Judged, ops: number): number =>
  Math.min(STRETCH_MAX, ops * (stretches.get(rights) ?? FIRST_STRETCH));

/** The next stretch, where one did not fill the page. */
export const longer = (positions: number): number => Math.min(positions * LONGER, STRETCH_MAX);

export const noteStretch = (rights: Judged, page: { readonly positions: number; readonly ops: number }): void => {
  if (page.ops > 0) stretches.set(rights, Math.ceil((SPARE * page.positions) / page.ops));
};
