import * as z from 'zod/mini';
import type { AppParts } from './parts.ts';
import type { App } from './zod-schemas.ts';

const key = z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string() });
const keySet = z.strictObject({ keys: z.array(key) });

/** A coming key is published a minute or more before it signs. */
const CACHE_S = 30;

/** The public keys that verify access tokens and orders to wipe (RFC 7517). */
export const jwksRoute =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    app.get(
      '/.well-known/jwks.json',
      { schema: { tags: ['identity'], summary: 'Public keys of the tokens', response: { 200: keySet } } },
      async (_request, reply) => {
        const keys = await auth.publishedKeys();
        return reply.header('cache-control', `public, max-age=${CACHE_S}`).send({ keys });
      },
    );
  };
