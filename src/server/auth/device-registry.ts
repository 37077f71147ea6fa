import { randomBytes } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';
import type { DeviceView, WipeReport } from '../../shared/contract/devices.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { AuthContext } from './context.ts';
import type { SessionKey } from './sessions.ts';
import type { Page } from './set-up-records.ts';
import { readWipeOrder, signWipeOrder, type WipeOrder } from './wipe-orders.ts';

export interface DevicePage {
  readonly items: readonly DeviceView[];
  readonly next: Uuid | null;
}

/** The devices that people use. Everyone sees and ends the own ones, admins all. */
export interface Devices {
  list(principal: Principal, page: Page): Promise<DevicePage>;
  /** Ends its sessions at once and orders it to wipe. @throws Problem not_found */
  revoke(principal: Principal, id: Uuid): Promise<DeviceView>;
  /** Orders it to wipe once its outbox is empty; it goes on until it reports that. @throws Problem not_found | archived */
  retire(principal: Principal, id: Uuid): Promise<DeviceView>;
  /** A device has wiped itself; from now on it is revoked in any case. @throws Problem forbidden */
  wiped(id: Uuid, report: WipeReport): Promise<void>;
}

const COLUMNS = `
device_id as id, user_id as "userId", name, platform, created_at as "createdAt", last_seen_at as "lastSeenAt",
retired_at as "retiredAt", revoked_at as "revokedAt", wiped_at as "wipedAt", destroyed_events as "destroyedEvents"`;
const OWN = 'workspace_id = $1 and ($2::uuid is null or user_id = $2)';

const LIST = `
select ${COLUMNS} from device where ${OWN} and ($3::uuid is null or device_id > $3) order by device_id limit $4`;
const REVOKE = `
update device set revoked_at = coalesce(revoked_at, now()), wipe_nonce = coalesce(wipe_nonce, $4)
 where ${OWN} and device_id = $3 returning ${COLUMNS}`;
const RETIRE = `
update device set retired_at = coalesce(retired_at, now()), wipe_nonce = coalesce(wipe_nonce, $4)
 where ${OWN} and device_id = $3 returning ${COLUMNS}`;
const SESSIONS = 'select session_id as "sessionId" from session where workspace_id = $1 and device_id = $2';

// A report may come twice, when its answer was lost; the first one counts.
const WIPED = `
update device set wiped_at = coalesce(wiped_at, now()), destroyed_events = coalesce(destroyed_events, $4),
       revoked_at = coalesce(revoked_at, now())
 where workspace_id = $1 and device_id = $2 and wipe_nonce = $3`;

/** Whose devices a principal may touch: null is everybody's. */
const reach = ({ role, userId }: Principal): Uuid | null => (role === 'admin' ? null : userId);
const newNonce = (): string => randomBytes(16).toString('base64url');

export const createDevices = ({ pool, keys, liveSessions }: AuthContext): Devices => {
  const forget = async (workspaceId: Uuid, id: Uuid): Promise<void> => {
    const { rows } = await pool.for(workspaceId).query<SessionKey>(SESSIONS, [workspaceId, id]);
    for (const { sessionId } of rows) liveSessions.forget(sessionId);
  };
  const order = async (text: string, principal: Principal, id: Uuid): Promise<DeviceView> => {
    const { workspaceId } = principal;
    const values = [workspaceId, reach(principal), id, newNonce()];
    const { rows } = await pool.for(workspaceId).query<DeviceView>(text, values);
    const [device] = rows;
    if (device === undefined) throw new Problem('not_found', 'There is no such device.');
    await forget(workspaceId, id);
    return device;
  };
  const noteWiped = async ({ workspaceId, deviceId, nonce }: WipeOrder, destroyedEvents: number): Promise<boolean> => {
    const values = [workspaceId, deviceId, nonce, destroyedEvents];
    return (await pool.for(workspaceId).query(WIPED, values)).rowCount === 1;
  };
  return {
    list: async (principal, { limit, after }) => {
      const values = [principal.workspaceId, reach(principal), after ?? null, limit + 1];
      const { rows } = await pool.for(principal.workspaceId).query<DeviceView>(LIST, values);
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    revoke: (principal, id) => order(REVOKE, principal, id),
    retire: async (principal, id) => {
      const device = await order(RETIRE, principal, id);
      if (device.revokedAt !== null) throw new Problem('archived', 'This device is revoked already.');
      return device;
    },
    wiped: async (id, { order: text, destroyedEvents }) => {
      const found = await readWipeOrder(keys.signing, text);
      if (found?.deviceId !== id || !(await noteWiped(found, destroyedEvents))) {
        throw new Problem('forbidden', 'This is not an order for this device.');
      }
      await forget(found.workspaceId, id);
    },
  };
};

const OF_SESSION = `
select d.device_id as id, d.wipe_nonce as nonce
  from session s join device d on d.workspace_id = s.workspace_id and d.device_id = s.device_id
 where s.workspace_id = $1 and s.session_id = $2 and d.revoked_at is not null and d.wipe_nonce is not null`;

const readOrdered = async (pool: WorkspacePool, { workspaceId, sessionId }: SessionKey) => {
  const { rows } = await pool.for(workspaceId).query<{ id: Uuid; nonce: string }>(OF_SESSION, [workspaceId, sessionId]);
  return rows[0];
};

/** Why the tokens of a session are refused: it is over, or its device is to be wiped. A bare 401 never wipes anything. */
export const refusalOfSession = async ({ pool, keys }: AuthContext, session: SessionKey): Promise<Problem> => {
  const device = await readOrdered(pool, session);
  if (device === undefined) return new Problem('unauthenticated', 'The session is over. Sign in again.');
  const order = { workspaceId: session.workspaceId, deviceId: device.id, nonce: device.nonce };
  const wipeOrder = await signWipeOrder(keys.signing, order, 'wipe-now');
  return new Problem('device_revoked', 'This device was revoked: wipe it, as the signed order says.', { wipeOrder });
};
