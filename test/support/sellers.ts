import { v7 as uuidv7 } from 'uuid';
import { createAccess, type Access } from '../../src/server/access/access.ts';
import type { Principal } from '../../src/server/access/principal.ts';
import type { Database } from '../../src/server/database/pool.ts';
import { createSync } from '../../src/server/sync/sync.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { ProposedEvent } from '../../src/shared/contract/envelope.ts';
import type { EventType } from '../../src/shared/contract/events/registry.ts';
import type { Role } from '../../src/shared/contract/events/user.ts';
import type { StreamType } from '../../src/shared/contract/streams.ts';
import type { PushResult, SyncRequest } from '../../src/shared/contract/sync.ts';
import type { Answer } from './naive-client.ts';
import { contentKey, cursorKey, foundWorkspace, proposed, quietWake, type Bench } from './workspace.ts';
import { createPush } from '../../src/server/sync/push.ts';

/** A workspace with people in teams, in which events are pushed and pulled by whom one likes. */
export interface Sellers extends Bench {
  readonly access: Access;
  readonly clock: { now: number };
  readonly person: (role: Role, ...teams: readonly Uuid[]) => Promise<Principal>;
  readonly team: (parentId?: Uuid) => Promise<Uuid>;
  readonly policy: (sharing: 'everyone' | 'team' | 'owner') => Promise<void>;
  /** An event of the admin, which must be taken; of any stream that has the event. */
  readonly put: (type: EventType, id: Uuid, data: JsonObject, stream?: StreamType) => Promise<void>;
  /** What becomes of an event of somebody. */
  readonly by: (who: Principal, type: EventType, id: Uuid, data: JsonObject) => Promise<PushResult>;
  readonly lead: (owner: Uuid | null, team?: Uuid | null, name?: string) => Promise<Uuid>;
  readonly pull: (who: Principal, request?: Partial<SyncRequest>) => Promise<Answer>;
  /** Until the server says that all was sent. */
  readonly pullAll: (who: Principal, cursor: string | null, request?: Partial<SyncRequest>) => Promise<Answer[]>;
}

const SEEN_ALL = 1_000_000;

export const openSellers = async (database: Database): Promise<Sellers> => {
  const clock = { now: Date.now() };
  const access = createAccess(database.log, () => clock.now);
  const push = createPush({ pool: database.log, wake: quietWake, access, contentKey, ownsDevice: async () => true });
  const b = await foundWorkspace(database, push);
  const { sync } = createSync({ pool: database.log, push, access, cursorKey });

  const send = async (who: Principal, event: ProposedEvent): Promise<PushResult> =>
    (await push.events(who, [event])).results[0] as PushResult;
  const put: Sellers['put'] = async (type, id, data, stream) => {
    const event = proposed(b.principal, type, id, data);
    const result = await send(b.principal, stream === undefined ? event : { ...event, stream: { type: stream, id } });
    if (result.status !== 'accepted') throw new Error(JSON.stringify(result));
  };
  const pull: Sellers['pull'] = async (who, request = {}) =>
    JSON.parse(
      String(await sync(who, { protocol: 1, limit: 500, bytes: 1_048_576, cursor: null, ...request })),
    ) as Answer;
  return {
    ...b,
    access,
    clock,
    // As of somebody who has seen all there is, so that nothing conflicts.
    by: (who, type, id, data) => send(who, { ...proposed(who, type, id, data), basedOn: SEEN_ALL }),
    put,
    pull,
    person: async (role, ...teams) => {
      const userId = uuidv7();
      await put('UserInvited', userId, { name: `A ${role}`, role });
      for (const team of teams) await put('TeamMemberAdded', team, { userId });
      return { ...b.principal, userId, deviceId: uuidv7(), role };
    },
    team: async (parentId) => {
      const id = uuidv7();
      await put('TeamCreated', id, { name: 'A team', ...(parentId === undefined ? {} : { parentId }) });
      return id;
    },
    policy: (sharing) => put('WorkspaceSettingsChanged', b.principal.workspaceId, { sharing }),
    lead: async (ownerId, teamId = null, name = 'Somebody') => {
      const id = uuidv7();
      await put('LeadCreated', id, { name, ownerId, teamId });
      return id;
    },
    pullAll: async (who, cursor, request = {}) => {
      const pages: Answer[] = [];
      for (let at = cursor; pages.at(-1)?.upToDate !== true; at = (pages.at(-1) as Answer).cursor) {
        pages.push(await pull(who, { cursor: at, ...request }));
        if (pages.length > 300) throw new Error('it never ends');
      }
      return pages;
    },
  };
};

/** What an answer does to records, in short: `enter <id>`, `event <id>`, `leave <id or scope>`. */
export const told = (answers: Answer | readonly Answer[]): string[] =>
  [answers].flat().flatMap(({ ops }) => ops.map(({ op, stream, scope }) => `${op} ${stream?.id ?? scope}`));
