import type { Uuid } from '../../shared/base/ids.ts';
import { lostRoots, type RightsChange } from '../access/gained.ts';
import { readLostScopes, readTypes } from '../log/read-gained.ts';
import { BEGINNING, type Cursor, type Gain } from './cursor.ts';
import type { PageOps } from './page-ops.ts';
import { changeOf, NO_SET, type Reading } from './reading.ts';

/** Scopes a statement. */
const SCOPES_MAX = 1000;
/** Gains under way; rights that change more often than a client can follow are sent anew as a whole. */
const GAINS_MAX = 8;

const FIRST_LOSS = `s${BEGINNING}`;

/**
 * Tells what the client has lost since its last page, and notes what it has gained. The log stands still until all losses
 * are told, so that nothing is scanned with rights that the client has not heard of; a further change waits its turn.
 */
export const settleRights = async (reading: Reading, cursor: Cursor, page: PageOps): Promise<Cursor> => {
  const { fingerprint } = reading.rights;
  let { set, losing } = cursor;
  let gains = [...cursor.gains];
  while (losing !== undefined || set !== fingerprint) {
    const { to, after }: NonNullable<Cursor['losing']> = losing ?? { to: fingerprint, after: FIRST_LOSS };
    const told = await tellLosses(reading, changeOf(reading, { from: set, to }), { after, page });
    if (told !== null) return { ...cursor, set, gains, losing: { to, after: told } };
    gains.push(gainOf(set, to, reading.head));
    if (gains.length > GAINS_MAX) gains = anew(reading);
    [set, losing] = [to, undefined];
  }
  return { ...cursor, set, gains, losing };
};

const gainOf = (from: string, to: string, until: number): Gain => ({
  from,
  to,
  until,
  after: { root: BEGINNING, stream: '' },
  doneAt: 0,
});

const anew = ({ rights, head }: Reading): Gain[] => [gainOf(NO_SET, rights.fingerprint, head)];

interface Telling {
  /** `s` and the last scope that was told, or `r` and the last root. */
  readonly after: string;
  readonly page: PageOps;
}

/** Null when all of them are told. */
const tellLosses = async (reading: Reading, change: RightsChange, { after, page }: Telling): Promise<string | null> => {
  const isAtRoots = after.startsWith('r');
  const left = isAtRoots ? null : await tellScopes(reading, change, { after: after.slice(1), page });
  if (left !== null) return `s${left}`;
  const root = await tellRoots(reading, change, { after: isAtRoots ? after.slice(1) : BEGINNING, page });
  return root === null ? null : `r${root}`;
};

const tellScopes = async (
  { client, seen }: Reading,
  change: RightsChange,
  { after, page }: Telling,
): Promise<Uuid | null> => {
  let last = after;
  for (;;) {
    const lost = await readLostScopes(client, seen, change, { after: last, limit: SCOPES_MAX });
    for (const scope of lost) {
      if (!page.add(`{"op":"leave","scope":"${scope}"}`)) return last;
      last = scope;
    }
    if (lost.length < SCOPES_MAX) return null;
  }
};

/** A share that ended takes its record along; where that is in the set on other grounds, it enters again. */
const tellRoots = async (
  { client, seen }: Reading,
  change: RightsChange,
  { after, page }: Telling,
): Promise<Uuid | null> => {
  const ended = lostRoots(change).filter((root) => root > after);
  const types = await readTypes(client, seen.workspaceId, ended);
  let last = after;
  for (const id of ended) {
    const type = types.get(id);
    if (type !== undefined && !page.add(JSON.stringify({ op: 'leave', stream: { type, id } }))) return last;
    last = id;
  }
  return null;
};
