import { v7 as uuidv7 } from 'uuid';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { ProposedEvent } from '../../src/shared/contract/envelope.ts';
import type { EventType } from '../../src/shared/contract/events/registry.ts';
import type { Role, Thing, World } from './naive-world.ts';
import { proposed } from './workspace.ts';

/** Numbers of a sequence that a seed fixes (mulberry32), below 1. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export interface Dice {
  readonly below: (n: number) => number;
  readonly of: <T>(list: readonly T[]) => T;
  readonly chance: (percent: number) => boolean;
}

export const diceOf = (random: () => number): Dice => {
  const below = (n: number): number => Math.floor(random() * n);
  return {
    below,
    of: (list) => {
      if (list.length === 0) throw new Error('nothing to choose from');
      return list[below(list.length)] as (typeof list)[number];
    },
    chance: (percent) => below(100) < percent,
  };
};

const CREATED: Record<string, EventType> = {
  lead: 'LeadCreated',
  contact: 'ContactCreated',
  company: 'CompanyCreated',
  deal: 'DealCreated',
};
const word = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1);
const ROLES: readonly Role[] = ['rep', 'rep', 'rep', 'manager', 'manager', 'analyst', 'auditor', 'admin'];

/** A canary: it names the thing and the version that carry it, and stands nowhere else. */
export const canary = (id: string, version: number): string => `canary/${id}/${version}`;

export interface Author {
  readonly world: World;
  readonly dice: Dice;
  readonly admin: { readonly deviceId: string; readonly userId: string; readonly workspaceId: string };
  readonly now: () => number;
}

const put = (
  { admin }: Author,
  type: EventType,
  stream: { type: string; id: string },
  data: object,
): ProposedEvent => ({
  ...proposed(admin, type, stream.id, data as JsonObject),
  stream: stream as ProposedEvent['stream'],
});

const somebody = ({ world, dice }: Author): string | null =>
  dice.chance(10) ? null : dice.of(Object.keys(world.people));
const someTeam = ({ world, dice }: Author): string | null =>
  dice.chance(35) ? null : dice.of(Object.keys(world.teams));

const create = (author: Author): ProposedEvent[] => {
  const { world, dice } = author;
  const id = uuidv7();
  const type = dice.of(Object.keys(CREATED));
  const [owner, team, label] = [somebody(author), someTeam(author), canary(id, 1)];
  world.things[id] = { type, root: id, owner, team, label, version: 1, shares: [] };
  return [put(author, CREATED[type] as EventType, { type, id }, { name: label, ownerId: owner, teamId: team })];
};

const thingsOf = ({ world }: Author, isWanted: (id: string, thing: Thing) => boolean): string[] =>
  Object.entries(world.things).flatMap(([id, thing]) => (isWanted(id, thing) ? [id] : []));
const isRecord = (_id: string, { type }: Thing): boolean => type !== 'activity' && type !== 'forecast';

const annotate = (author: Author): ProposedEvent[] => {
  const { world, dice } = author;
  const about = dice.of(thingsOf(author, isRecord));
  const { type } = world.things[about] as Thing;
  return Array.from({ length: 1 + dice.below(4) }, () => {
    const id = uuidv7();
    const label = canary(id, 1);
    world.things[id] = { type: 'activity', root: about, owner: null, team: null, label, version: 1, shares: [] };
    return put(author, 'NoteAdded', { type: 'activity', id }, { about: { type, id: about }, body: label });
  });
};

/** A task about nothing: a root of its own. */
const plan = (author: Author): ProposedEvent[] => {
  const id = uuidv7();
  const [owner, label] = [somebody(author), canary(id, 1)];
  author.world.things[id] = { type: 'activity', root: id, owner, team: null, label, version: 1, shares: [] };
  const data = { kind: 'task', subject: label, dueAt: '2026-12-01T09:00:00Z', ownerId: owner };
  return [put(author, 'ActivityScheduled', { type: 'activity', id }, data)];
};

/** A person's forecast, or a team's: a root that stays as it is. */
const submit = (author: Author): ProposedEvent[] => {
  const id = uuidv7();
  const label = canary(id, 1);
  const [owner, team] = author.dice.chance(60) ? [somebody(author), null] : [null, someTeam(author)];
  author.world.things[id] = { type: 'forecast', root: id, owner, team, label, version: 1, shares: [] };
  const period = { periodStart: '2026-10-01', periodEnd: '2027-01-01', amountMinor: 1, currency: 'EUR' };
  const data = { ...period, ownerId: owner, teamId: team, note: label };
  return [put(author, 'ForecastSubmitted', { type: 'forecast', id }, data)];
};

const edit = (author: Author): ProposedEvent[] => {
  const { world, dice } = author;
  const id = dice.of(
    thingsOf(author, (own, { type, root }) => type !== 'forecast' && (type !== 'activity' || root !== own)),
  );
  const thing = world.things[id] as Thing;
  thing.version += 1;
  thing.label = canary(id, thing.version);
  const isNote = thing.type === 'activity';
  const type = (isNote ? 'NoteAmended' : `${word(thing.type)}DetailsChanged`) as EventType;
  return [put(author, type, { type: thing.type, id }, isNote ? { body: thing.label } : { name: thing.label })];
};

const reassign = (author: Author): ProposedEvent[] => {
  const { world, dice } = author;
  const id = dice.of(thingsOf(author, (own, { type, root }) => root === own && type !== 'forecast'));
  const thing = world.things[id] as Thing;
  thing.version += 1;
  thing.owner = somebody(author);
  if (thing.type === 'activity')
    return [put(author, 'ActivityReassigned', { type: 'activity', id }, { ownerId: thing.owner })];
  thing.team = someTeam(author);
  const data = { ownerId: thing.owner, teamId: thing.team };
  return [put(author, `${word(thing.type)}Assigned` as EventType, { type: thing.type, id }, data)];
};

const share = (author: Author): ProposedEvent[] => {
  const { world, dice, now } = author;
  const id = dice.of(thingsOf(author, isRecord));
  const thing = world.things[id] as Thing;
  thing.version += 1;
  const stream = { type: thing.type, id };
  const old = thing.shares.at(-1);
  if (old !== undefined && dice.chance(60)) {
    thing.shares.pop();
    return [put(author, 'RecordShareRevoked', stream, { shareId: old.shareId })];
  }
  const type = dice.of(['user', 'user', 'team'] as const);
  const to = { type, id: dice.of(Object.keys(type === 'user' ? world.people : world.teams)) };
  const expires = dice.chance(40) ? now() + 1000 + dice.below(60_000) : Infinity;
  const shareId = uuidv7();
  thing.shares.push({ shareId, with: to, expires });
  const until = expires === Infinity ? {} : { expiresAt: new Date(expires).toISOString() };
  return [put(author, 'RecordShared', stream, { shareId, with: to, access: dice.of(['read', 'write']), ...until })];
};

const joinOrLeave = (author: Author): ProposedEvent[] => {
  const { world, dice } = author;
  const id = dice.of(Object.keys(world.teams).filter((team) => world.teams[team]?.deleted === false));
  const team = world.teams[id] as World['teams'][string];
  const userId = dice.of(Object.keys(world.people));
  const leaves = team.members.includes(userId);
  team.version += 1;
  team.members = leaves ? team.members.filter((member) => member !== userId) : [...team.members, userId];
  return [put(author, leaves ? 'TeamMemberRemoved' : 'TeamMemberAdded', { type: 'team', id }, { userId })];
};

const reorganise = (author: Author): ProposedEvent[] => {
  const { world, dice } = author;
  const living = Object.keys(world.teams).filter((team) => world.teams[team]?.deleted === false);
  const id = dice.of(living);
  const team = world.teams[id] as World['teams'][string];
  team.version += 1;
  if (living.length > 3 && dice.chance(20)) {
    team.deleted = true;
    return [put(author, 'TeamDeleted', { type: 'team', id }, {})];
  }
  // Only ever below an older team, so that there is no cycle to refuse.
  const older = Object.keys(world.teams).filter((other) => other < id);
  team.parentId = older.length === 0 || dice.chance(30) ? null : dice.of(older);
  return [put(author, 'TeamMoved', { type: 'team', id }, { parentId: team.parentId })];
};

const changeRole = (author: Author): ProposedEvent[] => {
  const { world, dice, admin } = author;
  const id = dice.of(Object.keys(world.people).filter((person) => person !== admin.userId));
  const person = world.people[id] as World['people'][string];
  const role = dice.of(ROLES);
  // Rights of an admin are taken away online only.
  if (person.role === 'admin') return [];
  person.version += 1;
  person.role = role === 'admin' && dice.chance(80) ? 'rep' : role;
  return [put(author, 'RoleChanged', { type: 'user', id }, { role: person.role })];
};

const changePolicy = (author: Author): ProposedEvent[] => {
  const { world, dice, admin } = author;
  world.policy = dice.of(['everyone', 'team', 'team', 'owner', 'owner']);
  return [
    put(author, 'WorkspaceSettingsChanged', { type: 'workspace', id: admin.workspaceId }, { sharing: world.policy }),
  ];
};

const WHAT: readonly (readonly [number, (author: Author) => ProposedEvent[]])[] = [
  [12, create],
  [15, annotate],
  [4, plan],
  [4, submit],
  [20, edit],
  [20, reassign],
  [10, share],
  [10, joinOrLeave],
  [4, reorganise],
  [6, changeRole],
  [4, changePolicy],
];
const TOTAL = WHAT.reduce((sum, [weight]) => sum + weight, 0);

/** Changes the world by one step; the events that tell of it. */
export const nextStep = (author: Author): ProposedEvent[] => {
  if (thingsOf(author, isRecord).length < 3) return create(author);
  let place = author.dice.below(TOTAL);
  for (const [weight, step] of WHAT) {
    if (place < weight) return step(author);
    place -= weight;
  }
  return [];
};
