import { v7 as uuidv7 } from 'uuid';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import type { DeviceInfo } from '../../shared/contract/identity.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';

interface Owner {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
}

const CLAIM = `
insert into device (workspace_id, device_id, user_id, name, platform)
select $1, $2, $3, $4, $5
 where not is_device_elsewhere($1, $2)
on conflict (workspace_id, device_id) do update
   set name = coalesce(excluded.name, device.name), platform = coalesce(excluded.platform, device.platform), last_seen_at = now()
 where device.user_id = excluded.user_id and device.revoked_at is null
returning device_id`;

const claim = async (client: Statements, owner: Owner, id: Uuid, device: DeviceInfo | undefined): Promise<boolean> => {
  const values = [owner.workspaceId, id, owner.userId, device?.name ?? null, device?.platform ?? null];
  const { rowCount } = await client.query(CLAIM, values);
  return rowCount === 1;
};

/**
 * The device that a session is for: the client's own, or a fresh one where it brings none, somebody else's or a revoked
 * one. Clocks carry device ids, so two users must never share one.
 */
export const claimDevice = async (client: Statements, owner: Owner, device: DeviceInfo | undefined): Promise<Uuid> => {
  const own = device?.id;
  if (own !== undefined && own !== SERVER_DEVICE && (await claim(client, owner, own, device))) return own;
  const fresh = uuidv7();
  await claim(client, owner, fresh, device);
  return fresh;
};

const OWNED = 'select from device where workspace_id = $1 and device_id = $2 and user_id = $3';
const REMEMBERED_MAX = 100_000;

/**
 * Whether a device is registered to a user: an event's clock must name one of its author. A device never changes its
 * owner, so a yes is remembered for good; a no is asked again, because the device may be registered meanwhile.
 */
export const createDeviceOwners = (pool: WorkspacePool): ((owner: Owner, deviceId: Uuid) => Promise<boolean>) => {
  const owned = new Set<string>();
  return async ({ workspaceId, userId }, deviceId) => {
    const key = `${workspaceId}${userId}${deviceId}`;
    if (owned.has(key)) return true;
    const values = [workspaceId, deviceId, userId];
    const { rowCount } = await pool.for(workspaceId).query({ name: 'device_owned', text: OWNED, values });
    if (rowCount === 0) return false;
    if (owned.size >= REMEMBERED_MAX) owned.clear();
    owned.add(key);
    return true;
  };
};

/** Whether whom the address signs in used this device before. */
export const isDeviceOf = async (pool: WorkspacePool, email: string, deviceId: Uuid): Promise<boolean> =>
  (await pool.outside.query<{ is: boolean }>('select is_device_of_login($1, $2) as is', [email, deviceId])).rows[0]
    ?.is === true;
