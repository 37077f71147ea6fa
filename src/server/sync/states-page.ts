import { must } from '../../shared/base/assert.ts';
import { readMoved } from '../log/read-moves.ts';
import { readAscending, readNewest, type EnterOp } from '../log/read-states.ts';
import type { Cursor, RootBackfill } from './cursor.ts';
import { BACKFILLS_MAX } from './events-page.ts';
import type { PageOps } from './page-ops.ts';
import type { Reading } from './reading.ts';
import { transitionsOf } from './transitions.ts';

/** Moves a page. */
const MOVES_MAX = 500;

/** First leg: what was last written at or before the head at the beginning, newest first. */
export const sendNewest = async (reading: Reading, cursor: Cursor, page: PageOps): Promise<Cursor> => {
  let below = cursor.below ?? cursor.position + 1;
  while (page.room() > 0) {
    const range = { upTo: cursor.position, below, limit: page.room() };
    const { states, complete } = await readNewest(reading.client, reading.seen, range);
    for (const { position, op } of states) {
      if (!page.add(op)) return { ...cursor, below };
      below = position;
    }
    if (complete) return { ...cursor, mode: cursor.position < reading.head ? 'ascending' : 'events', below: undefined };
  }
  return { ...cursor, below };
};

/** A stream's state, or a root that moved, at a position of the log. */
interface Step {
  readonly position: number;
  readonly op?: string | undefined;
  readonly backfill?: RootBackfill | undefined;
}

/** Second leg, and the way of a client far behind: what was written or moved since, until a page reaches the head. */
export const sendAscending = async (reading: Reading, cursor: Cursor, page: PageOps): Promise<Cursor> => {
  const roots = new Map(cursor.roots.map((root) => [root.root, root]));
  const at = (position: number): Cursor => ({ ...cursor, position, roots: [...roots.values()] });
  let reached = cursor.position;
  while (page.room() > 0) {
    const { steps, end } = await nextSteps(reading, at(reached), page.room());
    for (const { position, op, backfill } of steps) {
      const waits = backfill !== undefined && roots.size >= BACKFILLS_MAX;
      if (waits || (op !== undefined && !page.add(op))) return at(position - 1);
      if (backfill !== undefined) roots.set(backfill.root, backfill);
    }
    reached = end;
    if (end >= reading.head) return { ...at(end), mode: 'events' };
  }
  return at(reached);
};

const nextSteps = async (
  reading: Reading,
  cursor: Cursor,
  limit: number,
): Promise<{ readonly steps: readonly Step[]; readonly end: number }> => {
  const { client, seen, head } = reading;
  const { states, complete } = await readAscending(client, seen, { after: cursor.position, limit });
  const upTo = complete ? head : must(states.at(-1), 'an unfinished leg has a state').position;
  // Also for whoever sees everything: a stream comes where it was last written, but where it stands must be known by then.
  const moved = await readMoved(client, seen, { after: cursor.position, upTo, limit: MOVES_MAX });
  const end = moved.length < MOVES_MAX ? upTo : must(moved.at(-1), 'there are as many').position;
  const transitionOf = await transitionsOf(reading, cursor, {
    changed: moved.map(({ rootId }) => ({ streamId: rootId, rootId })),
    end,
  });
  const roots = moved.map(({ position, rootId }): Step => {
    const { op, backfills } = transitionOf({ streamId: rootId, rootId });
    return { position, op, backfill: backfills ? { root: rootId, after: '' } : undefined };
  });
  const written = states.filter(({ position }) => position <= end);
  return { steps: [...roots, ...written.map(stepOf)].toSorted((a, b) => a.position - b.position), end };
};

const stepOf = ({ position, op }: EnterOp): Step => ({ position, op });
