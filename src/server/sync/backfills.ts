import type { Uuid } from '../../shared/base/ids.ts';
import { readGainedRoots, readMembers } from '../log/read-gained.ts';
import { BEGINNING, type Cursor, type Gain, type RootBackfill } from './cursor.ts';
import type { PageOps } from './page-ops.ts';
import { changeOf, type Reading } from './reading.ts';

/** Roots, and streams, a statement. */
const ROOTS_MAX = 100;
const STREAMS_MAX = 500;
/** Beyond every id. */
const END: Uuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Sends what was gained, as states, as far as there is room: activities of roots that entered first, then scopes. */
export const sendBackfills = async (reading: Reading, cursor: Cursor, page: PageOps): Promise<Cursor> => {
  const roots: RootBackfill[] = [];
  for (const backfill of cursor.roots) roots.push(...(await sendActivities(reading, backfill, page)));
  const gains: Gain[] = [];
  for (const gain of cursor.gains) gains.push(gain.after === null ? gain : await sendGain(reading, gain, page));
  return { ...cursor, roots, gains };
};

/** Empty when all of them are sent, or the root has left again. */
const sendActivities = async (
  reading: Reading,
  { root, after }: RootBackfill,
  page: PageOps,
): Promise<RootBackfill[]> => {
  let last = after;
  while (page.room() > 0) {
    const limit = Math.min(page.room(), STREAMS_MAX);
    const { client, seen } = reading;
    const members = await readMembers(client, seen, { roots: [root], after: last === '' ? BEGINNING : last, limit });
    for (const { stream, op } of members) {
      if (!page.add(op)) return [{ root, after: last }];
      last = stream;
    }
    if (members.length < limit) return [];
  }
  return [{ root, after: last }];
};

const sendGain = async (reading: Reading, gain: Gain, page: PageOps): Promise<Gain> => {
  const { client, seen } = reading;
  const change = changeOf(reading, gain);
  let { after } = gain;
  while (after !== null && page.room() > 0) {
    const roots = await readGainedRoots(client, seen, change, { from: after.root, limit: ROOTS_MAX });
    const limit = Math.min(page.room(), STREAMS_MAX);
    const resumed = roots[0] === after.root ? after.stream || BEGINNING : null;
    const members = await readMembers(client, seen, { roots, after: resumed, limit });
    for (const { root, stream, op } of members) {
      if (!page.add(op)) return { ...gain, after };
      after = { root, stream: stream === root ? '' : stream };
    }
    if (members.length < limit) after = afterAll(roots);
  }
  return { ...gain, after, doneAt: after === null ? reading.head : 0 };
};

/** Null where there are no more. */
const afterAll = (roots: readonly Uuid[]): Gain['after'] => {
  const root = roots.at(-1);
  return root === undefined || roots.length < ROOTS_MAX ? null : { root, stream: END };
};

/** Without the gains that are sent and that the log has passed, too. */
export const withoutDone = (cursor: Cursor): Cursor => {
  const gains = cursor.gains.filter(
    ({ after, until, doneAt }) => after !== null || Math.max(until, doneAt) > cursor.position,
  );
  return { ...cursor, gains };
};

export const isBehind = ({ gains, roots, losing }: Cursor): boolean =>
  losing !== undefined || roots.length > 0 || gains.some(({ after }) => after !== null);
