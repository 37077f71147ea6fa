import type { OutboxUnit } from './client-store.ts';

/** The records that units of the outbox are about: a full disk evicts none of them. */
export const heldStreams = () => {
  const counts = new Map<string, number>();
  const byUnit = new Map<number, readonly string[]>();
  const release = (seq: number): void => {
    for (const id of byUnit.get(seq) ?? []) {
      const left = (counts.get(id) ?? 0) - 1;
      if (left > 0) counts.set(id, left);
      else counts.delete(id);
    }
    byUnit.delete(seq);
  };
  return {
    has: (id: string): boolean => counts.has(id),
    hold: ({ seq, events }: OutboxUnit): void => {
      release(seq);
      const ids = events.map(({ stream }) => stream.id);
      byUnit.set(seq, ids);
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    },
    release,
  };
};
