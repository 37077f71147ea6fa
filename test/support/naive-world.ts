// What anybody may see, as page 3 says it and as naively as possible. It shares no code with the server: whoever changes
// what people see changes it twice.

export type Role = 'admin' | 'manager' | 'rep' | 'analyst' | 'auditor';

export interface Person {
  role: Role;
  version: number;
}
export interface Team {
  parentId: string | null;
  members: string[];
  deleted: boolean;
  version: number;
}
export interface Share {
  shareId: string;
  with: { type: 'user' | 'team'; id: string };
  expires: number;
}
/** A record, a forecast, or an activity; one about nothing stands for itself, in the pair of nobody's team and its owner. */
export interface Thing {
  type: string;
  root: string;
  owner: string | null;
  team: string | null;
  label: string;
  version: number;
  shares: Share[];
}

export interface World {
  policy: 'everyone' | 'team' | 'owner';
  workspaceVersion: number;
  people: Record<string, Person>;
  teams: Record<string, Team>;
  things: Record<string, Thing>;
}

const below = (world: World, tops: readonly string[]): string[] => {
  const all = [...tops];
  for (let grown = true; grown;) {
    grown = false;
    for (const [id, { parentId }] of Object.entries(world.teams)) {
      if (parentId === null || !all.includes(parentId) || all.includes(id)) continue;
      all.push(id);
      grown = true;
    }
  }
  return all;
};

const mine = (world: World, userId: string): string[] =>
  Object.keys(world.teams).filter(
    (id) => world.teams[id]?.deleted === false && world.teams[id].members.includes(userId),
  );

const isIn = (world: World, teamIds: readonly string[], userId: string | null): boolean =>
  userId !== null && mine(world, userId).some((id) => teamIds.includes(id));

const isShared = (world: World, userId: string, root: Thing, now: number): boolean =>
  root.shares.some(
    ({ with: { type, id }, expires }) =>
      expires > now && (type === 'user' ? id === userId : mine(world, userId).includes(id)),
  );

/** By sync: an analyst sees nothing of records there. */
export const sees = (world: World, userId: string, thingId: string, now: number): boolean => {
  const root = world.things[world.things[thingId]?.root ?? ''];
  const person = world.people[userId];
  if (root === undefined || person === undefined) return false;
  if (person.role === 'admin' || person.role === 'auditor') return true;
  if (person.role === 'analyst') return false;
  if (world.policy === 'everyone' || root.owner === userId || isShared(world, userId, root, now)) return true;
  if (person.role === 'rep' && world.policy === 'owner') return false;
  const teams = person.role === 'manager' ? below(world, mine(world, userId)) : mine(world, userId);
  return root.team === null ? isIn(world, teams, root.owner) : teams.includes(root.team);
};

/** Version and label of everything that a user sees, by id. */
export const viewOf = (world: World, userId: string, now: number): Map<string, string> => {
  const view = new Map<string, string>();
  for (const [id, thing] of Object.entries(world.things))
    if (sees(world, userId, id, now)) view.set(id, `${thing.version} ${thing.label}`);
  for (const [id, { version }] of Object.entries({ ...world.people, ...world.teams })) view.set(id, String(version));
  return view;
};
