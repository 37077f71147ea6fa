import type { Uuid } from '../../shared/base/ids.ts';
import type { Directory } from './directory.ts';

type Teams = Directory['teams'];

/** Living teams that the user is a member of. A deleted one gives nobody anything. */
export const ownTeams = (teams: Teams, userId: Uuid): Uuid[] =>
  [...teams].filter(([, team]) => team.deletedAt === null && team.memberIds.includes(userId)).map(([id]) => id);

/** The teams and all below them, deleted ones included: their records are still somebody's to look after. */
export const teamsBelow = (teams: Teams, tops: readonly Uuid[]): Uuid[] => {
  const children = new Map<Uuid, Uuid[]>();
  for (const [id, { parentId }] of teams) {
    if (parentId !== null) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  }
  const found = new Set(tops);
  // A set iterates over what is added meanwhile, and two phones that moved teams at once may have left a cycle.
  for (const id of found) for (const child of children.get(id) ?? []) found.add(child);
  return [...found];
};

/** Everybody in one of the teams that still live. */
export const membersOf = (teams: Teams, ids: readonly Uuid[]): Uuid[] =>
  ids.flatMap((id) => {
    const team = teams.get(id);
    return team === undefined || team.deletedAt !== null ? [] : team.memberIds;
  });

/** Everybody who is in a living team. */
export const peopleInTeams = (teams: Teams): ReadonlySet<Uuid> => new Set(membersOf(teams, [...teams.keys()]));
