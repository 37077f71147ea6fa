import type { Json } from '../../shared/base/json.ts';
import type { Http } from '../transport/http.ts';
import type { KeptSession, Secrets } from './secrets.ts';
import { readWipeOrder, type WipeMode } from './wipe-order.ts';

interface Parts {
  readonly http: Http;
  readonly secrets: Secrets;
}

/** What an order asks of this device; undefined where it is none of the server's, or the server's keys cannot be read now. */
export const verifyOrder = async (
  { http }: Pick<Parts, 'http'>,
  order: string,
  { deviceId, workspace }: KeptSession,
): Promise<WipeMode | undefined> => {
  const reply = await http({ path: '/.well-known/jwks.json', method: 'GET' });
  const keys = reply?.status === 200 ? reply.body['keys'] : undefined;
  if (!Array.isArray(keys)) return undefined;
  return readWipeOrder(order, keys as readonly Json[], { deviceId, workspaceId: workspace.id });
};

/** Tells the server of a wipe, again after every start until it has heard; what it refuses it will refuse for ever. */
export const reportWipe = async ({ http, secrets }: Parts): Promise<void> => {
  const done = await secrets.wipeDone();
  if (done === null) return;
  const { deviceId, order, destroyedEvents } = done;
  const reply = await http({ path: `/api/devices/${deviceId}/wiped`, body: { order, destroyedEvents } });
  if (reply !== undefined && reply.status < 500 && reply.status !== 429) await secrets.keepWipeDone(null);
};
