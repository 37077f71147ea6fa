import type { Uuid } from '../../shared/base/ids.ts';

/** Who looked whom up while being folded: whoever changes takes those along who rest on it. */
export interface Dependents {
  /** `reader` looked `id` up. */
  note(reader: Uuid | undefined, id: Uuid): void;
  /** Those that rested on `id`; they are forgotten, as their next fold notes them again. */
  take(id: Uuid): Iterable<Uuid>;
}

export const createDependents = (): Dependents => {
  const readers = new Map<Uuid, Set<Uuid>>();
  return {
    note: (reader, id) => {
      if (reader === undefined || reader === id) return;
      const known = readers.get(id);
      if (known === undefined) readers.set(id, new Set([reader]));
      else known.add(reader);
    },
    take: (id) => {
      const known = readers.get(id) ?? [];
      readers.delete(id);
      return known;
    },
  };
};
