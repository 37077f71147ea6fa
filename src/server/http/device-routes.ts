import * as z from 'zod/mini';
import { devicePage, deviceView, wipeReport } from '../../shared/contract/devices.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { idParams } from './record-schemas.ts';
import { idOf, pageOf, pageQuery } from './set-up-answer.ts';
import type { App } from './zod-schemas.ts';

const tags = ['devices'];

const RETIRE = `Let a device push its outbox, then wipe. Until it reports the wipe, every answer to it carries the signed
order in the header \`X-Wipe-Order\` (mode \`flush-then-wipe\`).`;
const REVOKE = `End the sessions of a device at once and order it to wipe. From then on its tokens are answered by 401
\`device_revoked\` with the signed order as \`wipeOrder\` (mode \`wipe-now\`).`;
const WIPED = `A device has wiped itself, as the order says that it sends along: this needs no access token. An order is a
compact JWS, type \`wipe+jwt\`, signed by a key of /.well-known/jwks.json, for the audience \`leadzen-device\`, with the
device as \`did\`. A device obeys nothing else, and never a bare 401.`;

/** The registry of devices, for those who are signed in. */
export const deviceRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.get(
      '/api/devices',
      {
        schema: {
          tags,
          summary: 'List own devices, as an admin all',
          querystring: pageQuery,
          response: { 200: devicePage },
        },
      },
      (request) => auth.devices.list(principalOf(request), pageOf(request.query)),
    );
    app.delete(
      '/api/devices/:id',
      {
        schema: {
          tags,
          summary: 'Revoke a device',
          description: REVOKE,
          params: idParams,
          response: { 200: deviceView },
        },
      },
      (request) => auth.devices.revoke(principalOf(request), idOf('device', request.params.id)),
    );
    app.post(
      '/api/devices/:id/retire',
      {
        schema: {
          tags,
          summary: 'Retire a device',
          description: RETIRE,
          params: idParams,
          response: { 200: deviceView },
        },
      },
      (request) => auth.devices.retire(principalOf(request), idOf('device', request.params.id)),
    );
  };

/** What a device reports that has no session any more. */
export const wipeRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    app.post(
      '/api/devices/:id/wiped',
      {
        schema: {
          tags,
          summary: 'Report a wipe',
          description: WIPED,
          params: idParams,
          body: wipeReport,
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        await auth.devices.wiped(idOf('device', request.params.id), request.body);
        return reply.code(204).send();
      },
    );
  };
