import type { Uuid } from '../../shared/base/ids.ts';
import { readCandidates, type Candidate } from '../log/read-candidates.ts';
import type { Cursor, RootBackfill } from './cursor.ts';
import type { PageOps } from './page-ops.ts';
import { followsMoves, keptSince, type Reading } from './reading.ts';
import { firstStretch, longer, noteStretch } from './stretches.ts';
import { transitionsOf } from './transitions.ts';

/** Candidates a statement: their largest events and states still fit well into memory. */
const CANDIDATES_MAX = 500;
/** Roots whose activities follow: of more than these the log waits. */
export const BACKFILLS_MAX = 100;

interface Stretch {
  readonly after: number;
  readonly upTo: number;
}

/**
 * The events that the principal may see, in order, as far as there is room: the cursor is how far the log was looked
 * through. Streams that entered or left since come as states, once each.
 */
export const sendEvents = async (reading: Reading, cursor: Cursor, page: PageOps): Promise<Cursor> => {
  const sent = { told: new Set<string>(), roots: new Map(cursor.roots.map((root) => [root.root, root])) };
  const { head } = reading;
  let position = cursor.position;
  const before = page.room();
  let width = firstStretch(reading.rights, page.room());
  while (position < head && page.room() > 0) {
    const stretch = { after: position, upTo: Math.min(head, position + width) };
    const { reached, stopped } = await sendStretch(reading, cursor, { stretch, page, ...sent });
    position = reached;
    if (stopped) break;
    width = longer(width);
  }
  noteStretch(reading.rights, { positions: position - cursor.position, ops: before - page.room() });
  return { ...cursor, position, roots: [...sent.roots.values()] };
};

interface Sending {
  readonly stretch: Stretch;
  readonly page: PageOps;
  /** Streams that entered or left on this page already. */
  readonly told: Set<string>;
  readonly roots: Map<Uuid, RootBackfill>;
}

interface Sent {
  readonly reached: number;
  readonly stopped: boolean;
}

const sendStretch = async (reading: Reading, cursor: Cursor, sending: Sending): Promise<Sent> => {
  const { stretch, page } = sending;
  const limit = Math.min(page.room(), CANDIDATES_MAX);
  const kept = keptSince(reading, cursor)({ scope: 'e.scope_id', root: 'e.root_id' });
  const found = await readCandidates(reading.client, reading.seen, {
    ...stretch,
    limit,
    from: cursor.position,
    kept,
    moves: followsMoves(reading, cursor),
  });
  const last = found.at(-1);
  const end = last !== undefined && found.length === limit ? last.position : stretch.upTo;
  const changed = found.filter(({ op }) => op === null);
  const transitionOf = await transitionsOf(reading, cursor, { changed, end });
  for (const candidate of found.filter(({ position }, index) => position !== found[index - 1]?.position)) {
    const { position, streamId, op } = candidate;
    const next = op === null ? transitionOf(candidate) : { op, backfills: false };
    const isNew = op !== null || !sending.told.has(streamId);
    const waits = next.backfills && sending.roots.size >= BACKFILLS_MAX;
    // In between nothing may be seen: the log was looked through up to here.
    if (waits || (next.op !== undefined && isNew && !addOnce(sending, candidate, next.op)))
      return { reached: position - 1, stopped: true };
    if (next.backfills) sending.roots.set(streamId, { root: streamId, after: '' });
  }
  return { reached: end, stopped: false };
};

/** A leave names the root, whichever of its streams it was found by. */
const addOnce = ({ page, told }: Sending, { streamId, op: event }: Candidate, op: string): boolean => {
  if (event === null && told.has(op)) return true;
  if (!page.add(op)) return false;
  if (event === null) told.add(streamId).add(op);
  return true;
};
