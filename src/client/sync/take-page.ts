import type { Uuid } from '../../shared/base/ids.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import type { OpenUser } from '../open-user.ts';
import { outcomeOf, type Entry } from '../view/outbox.ts';
import type { Op, SyncAnswer } from './answer.ts';
import { applyPage, leftBehind, type PageChange } from './apply-page.ts';

/** False where the disk is full: the page is asked for again. */
export const takePage = async (user: OpenUser, answer: SyncAnswer): Promise<boolean> => {
  const { cursor, through = 0, ops = [], from, mark = user.meta.mark } = answer;
  // A page belongs to the cursor that it was asked with; any other is a late answer to an earlier question.
  if (cursor === undefined || (from ?? null) !== user.meta.cursor) return true;
  const { round, finished } = user.meta;
  const change = applyPage(user.confirmed, ops, { wants: wantsOf(user), round });
  const upToDate = answer.upToDate === true && change.wants.size === 0;
  const isSwept = upToDate && (finished < round || ops.length > 0);
  const gone = isSwept ? leftBehind(user.confirmed, change, round) : [];
  observe(user, ops);
  const left = new Set(gone);
  const puts = Array.from(change.puts.values()).filter(({ id }) => !left.has(id));
  const removes = [...change.removes, ...gone];
  const done = finishedUnits(user, change, { through, upToDate });
  const next = {
    ...user.meta,
    mark: markIsPassed(user, done, through) ? undefined : mark,
    cursor,
    through,
    upToDate,
    syncedAt: upToDate && user.outbox.pending() === 0 ? user.clock.now() : user.meta.syncedAt,
    wants: Array.from(change.wants.values()),
    finished: upToDate ? round : finished,
    clock: user.clock.memory(),
  };
  const written = await user.store.applyPage({ puts, removes, meta: next });
  if (!written.ok) return false;
  user.meta = next;
  user.confirmed.apply(puts, removes);
  for (const entry of done) user.outbox.remove(entry);
  user.changed([...change.puts.keys(), ...removes, ...streamsOf(done)]);
  if (done.length > 0) await user.store.remove(done.map(({ unit }) => unit.seq));
  return true;
};

const wantsOf = ({ meta }: OpenUser) => new Map(meta.wants.map((stream) => [stream.id, stream]));
const streamsOf = (entries: readonly Entry[]): Uuid[] =>
  entries.flatMap(({ unit }) => unit.events.map(({ stream }) => stream.id));

/** Effective clocks alone: a raw `at` may lie years ahead. */
const observe = ({ clock }: OpenUser, ops: readonly Op[]): void => {
  for (const op of ops) {
    if (op.op === 'event') clock.observe(op.clock);
    else if (op.op === 'enter') clock.observe(newestOf(op.clocks));
  }
};
const newestOf = (clocks: RegisterClocks): string =>
  Object.values(clocks).reduce((newest, { clock }) => (clock > newest ? clock : newest), '');

interface Reached {
  readonly through: number;
  readonly upToDate: boolean;
}

/**
 * Units whose every event has come back. An overlay goes when `through` has reached its position and its stream is not
 * waited for: either what is confirmed contains it, or everything visible is here and the stream is not among it.
 */
const finishedUnits = (user: OpenUser, change: PageChange, { through, upToDate }: Reached): Entry[] => {
  const cameBack = (entry: Entry): boolean =>
    entry.unit.events.every((event, index) => {
      const outcome = outcomeOf({ entry, event, index });
      if (outcome === undefined || outcome.kind === 'refused' || through < outcome.position) return false;
      if (change.wants.has(event.stream.id)) return false;
      const record = change.puts.get(event.stream.id) ?? user.confirmed.get(event.stream.id);
      return upToDate || (record !== undefined && record.version >= outcome.version);
    });
  return Array.from(user.outbox.entries()).filter((entry) => entry.outcomes !== undefined && cameBack(entry));
};

/** The mark is sent until `through` has passed the newest position that it stands for. */
const markIsPassed = (user: OpenUser, done: readonly Entry[], through: number): boolean => {
  const gone = new Set(done);
  for (const entry of user.outbox.entries()) {
    if (gone.has(entry)) continue;
    for (const outcome of entry.outcomes ?? [])
      if (outcome.kind !== 'refused' && outcome.position > through) return false;
  }
  return true;
};
