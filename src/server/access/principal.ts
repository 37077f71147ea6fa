import type { Uuid } from '../../shared/base/ids.ts';
import type { Role } from '../../shared/contract/events/user.ts';

/** Who is asking: an authenticated user on a device, or the server itself on somebody's behalf. */
export interface Principal {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
  /** The device of the session; SERVER_DEVICE for work the server does by itself. */
  readonly deviceId: Uuid;
  readonly role: Role;
}
