import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Judged } from '../access/access.ts';
import { keptCondition, type RightsChange } from '../access/gained.ts';
import { fingerprintOf, NOTHING, type Rules } from '../access/rules.ts';
import type { StoredRules } from '../access/stored-rules.ts';
import type { Seen } from '../access/visibility.ts';
import type { Statements } from '../database/workspace-pool.ts';
import type { Cursor, Gain } from './cursor.ts';

/** One moment of a workspace, and what the principal sees at it. */
export interface Reading {
  readonly client: Statements;
  readonly seen: Seen;
  readonly rights: Judged;
  /** Of the log at that moment. */
  readonly head: number;
  /** Id of the event there. */
  readonly newest: Uuid | null;
  /** The sets that the cursor refers to. */
  readonly sets: ReadonlyMap<string, Rules>;
}

const namedIn = (cursor: Cursor | null): readonly string[] =>
  cursor === null
    ? []
    : [
        cursor.set,
        ...(cursor.losing === undefined ? [] : [cursor.losing.to]),
        ...cursor.gains.flatMap(({ from, to }) => [from, to]),
      ];

/** Of a client that never saw anything but what the workspace shares. */
export const NO_SET = fingerprintOf(NOTHING);

/** The sets that a cursor names, and the present one. Throws `cursor_reset` where one is gone. */
export const setsOf = async (
  { find }: StoredRules,
  { client, seen, rights }: Pick<Reading, 'client' | 'seen' | 'rights'>,
  cursor: Cursor | null,
): Promise<Reading['sets']> => {
  const sets = new Map([
    [NO_SET, NOTHING],
    [rights.fingerprint, rights.syncs],
  ]);
  const others = namedIn(cursor).filter((fingerprint) => !sets.has(fingerprint));
  for (const [fingerprint, rules] of await find(client, seen.workspaceId, others)) sets.set(fingerprint, rules);
  if (others.every((fingerprint) => sets.has(fingerprint))) return sets;
  throw new Problem('cursor_reset', 'this cursor is too old: begin a first sync', { reason: 'expired' });
};

/** Throws where the set was not loaded: a bug. */
export const changeOf = ({ sets }: Pick<Reading, 'sets'>, { from, to }: Pick<Gain, 'from' | 'to'>): RightsChange => {
  const [before, after] = [sets.get(from), sets.get(to)];
  if (before === undefined || after === undefined) throw new Error(`no set ${from} or ${to}`);
  return { from: before, to: after };
};

/** A condition on a root, by the columns of a scope and of its id. */
type Condition = (columns: { readonly scope: string; readonly root: string }) => string;

const inNone =
  (reading: Pick<Reading, 'sets' | 'seen'>, gains: readonly Gain[]): Condition =>
  (columns) =>
    gains.length === 0
      ? 'true'
      : `(${gains.map((gain) => keptCondition(reading.seen, changeOf(reading, gain), columns)).join(' and ')})`;

/** Events of it may be sent: it is in none of the gains that were noticed at a head which the cursor has not passed. */
export const keptSince = (reading: Pick<Reading, 'sets' | 'seen'>, { gains, position }: Cursor): Condition =>
  inNone(
    reading,
    gains.filter(({ until }) => until > position),
  );

/** Whether it matters to the client where records stand: not where it has everything, and all of it. */
export const followsMoves = ({ seen }: Pick<Reading, 'seen'>, { gains }: Cursor): boolean =>
  !seen.rules.everything || gains.length > 0;

/** The client has all of it: it is in no gain that is still on its way. */
export const heldAt = (reading: Pick<Reading, 'sets' | 'seen'>, { gains }: Cursor): Condition => inNone(reading, gains);
