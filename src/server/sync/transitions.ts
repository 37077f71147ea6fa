import type { Uuid } from '../../shared/base/ids.ts';
import { readMoves, type RootMoves } from '../log/read-moves.ts';
import { readWanted } from '../log/read-states.ts';
import type { Cursor } from './cursor.ts';
import { heldAt, type Reading } from './reading.ts';

/** What becomes of a stream that may not be sent event by event. */
export interface Transition {
  /** undefined: there is nothing to tell. */
  readonly op: string | undefined;
  /** The root entered, and its activities are to follow. */
  readonly backfills: boolean;
}

interface Changed {
  readonly streamId: Uuid;
  readonly rootId: Uuid;
}

const NOTHING: Transition = { op: undefined, backfills: false };

/** Whether the client had it where it stands: (a) and (c) of rule 7. */
const wasVisible = ({ visible, kept, moves }: RootMoves): boolean => {
  const first = moves[0]?.from ?? { visible, kept };
  return first.visible && first.kept;
};

const touched = ({ moves }: RootMoves, end: number): boolean =>
  moves.some(({ position, from, to }) => position <= end && (from.visible || to.visible));

/** Never out of sight, so that the client has the activities. */
const stayedVisible = (root: RootMoves): boolean =>
  wasVisible(root) && root.moves.every(({ from, to }) => from.visible && to.visible);

const leaves = (root: RootMoves, end: number): boolean => wasVisible(root) || touched(root, end);

/**
 * Judges streams whose root moved or was gained since the cursor, for a page that ends at `end`: `enter` with the present
 * state, or `leave`, which takes the activities along.
 */
export const transitionsOf = async (
  reading: Reading,
  cursor: Cursor,
  { changed, end }: { readonly changed: readonly Changed[]; readonly end: number },
): Promise<(stream: Changed) => Transition> => {
  if (changed.length === 0) return () => NOTHING;
  const { client, seen } = reading;
  const moves = await readMoves(client, seen, {
    roots: [...new Set(changed.map(({ rootId }) => rootId))],
    after: cursor.position,
    kept: heldAt(reading, cursor),
  });
  const visible = changed.filter(({ rootId }) => moves.get(rootId)?.visible === true);
  const states = await readWanted(client, seen, [...new Set(visible.map(({ streamId }) => streamId))]);
  return ({ streamId, rootId }) => {
    const root = moves.get(rootId);
    if (root === undefined) return NOTHING;
    if (root.visible) {
      const movedHere = streamId === rootId && root.moves.some(({ position }) => position <= end);
      return { op: states.get(streamId)?.op, backfills: movedHere && !stayedVisible(root) };
    }
    if (!leaves(root, end)) return NOTHING;
    return { op: JSON.stringify({ op: 'leave', stream: { type: root.type, id: root.id } }), backfills: false };
  };
};
