import type { Uuid } from '../../shared/base/ids.ts';
import type { OpenUser } from '../open-user.ts';
import type { Entry, Outcome } from '../view/outbox.ts';
import type { Verdict } from './answer.ts';
import { outcomesOf } from './outcomes.ts';

/** What became of a batch. */
export interface Settled {
  readonly pushed: number;
  readonly refused: number;
  readonly conflicts: number;
  /** Units that have to be sent another time. */
  readonly held: readonly Entry[];
}

/** Makes verdicts durable, then counts and shows them. Undefined where the disk is full: they will be asked for again. */
export const settle = async (
  user: OpenUser,
  batch: readonly Entry[],
  verdicts: readonly Verdict[],
): Promise<Settled | undefined> => {
  const byId = new Map(verdicts.flatMap((verdict) => (verdict.id === null ? [] : [[verdict.id, verdict] as const])));
  const settled = batch.map((entry) => ({ entry, outcomes: outcomesOf(entry, byId) }));
  const done = settled.flatMap(({ entry, outcomes }) => (outcomes === undefined ? [] : [{ entry, outcomes }]));
  if (!(await acknowledge(user, done))) return undefined;
  const held = settled.filter(({ outcomes }) => outcomes === undefined).map(({ entry }) => entry);
  const kinds = done.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind));
  const count = (kind: Outcome['kind']): number => kinds.filter((other) => other === kind).length;
  return { pushed: count('taken') + count('conflict'), refused: count('refused'), conflicts: count('conflict'), held };
};

/** False where the disk is full; then nothing changed. */
export const acknowledge = async (
  user: OpenUser,
  done: readonly { readonly entry: Entry; readonly outcomes: readonly Outcome[] }[],
): Promise<boolean> => {
  if (done.length === 0) return true;
  const markers = done.map(({ entry, outcomes }) => ({ seq: entry.unit.seq, outcomes }));
  const written = await user.store.acknowledge(markers);
  if (!written.ok) return false;
  const touched = new Set<Uuid>();
  for (const { entry, outcomes } of done) {
    user.outbox.settle(entry, outcomes.length === 0 ? undefined : outcomes);
    for (const outcome of outcomes) if (outcome.kind === 'taken') user.clock.observe(outcome.clock);
    for (const { stream } of entry.unit.events) touched.add(stream.id);
  }
  if (user.outbox.pending() === 0) user.clock.settle();
  user.changed(touched);
  return true;
};
