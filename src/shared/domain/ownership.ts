import type { Uuid } from '../base/ids.ts';

/** Whoever creates a record owns it, unless the data says otherwise; null is the unassigned pool. */
export const ownerOf = (data: { readonly ownerId?: Uuid | null | undefined }, actor: Uuid): Uuid | null =>
  data.ownerId === undefined ? actor : data.ownerId;
