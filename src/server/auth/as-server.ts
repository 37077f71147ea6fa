import { SERVER_DEVICE } from '../../shared/base/ids.ts';
import type { Principal } from '../access/principal.ts';

/** What is decided on the server, online, carries its device: see the rule in domain/user.ts. */
export const asServer = (principal: Principal): Principal => ({ ...principal, deviceId: SERVER_DEVICE });
