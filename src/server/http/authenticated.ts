import type { FastifyInstance, FastifyRequest } from 'fastify';
import { must } from '../../shared/base/assert.ts';
import type { Principal } from '../access/principal.ts';
import type { Auth, Session } from '../auth/auth.ts';

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | null;
  }
}

/** Every route of `app` asks for an access token, before a byte of the body is read. Use it inside a plugin of its own. */
export const requireSession = (app: FastifyInstance, auth: Auth): void => {
  if (!app.hasRequestDecorator('session')) app.decorateRequest('session', null);
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, security: [{ accessToken: [] }] };
  });
  app.addHook('onRequest', async (request, reply) => {
    const session = await auth.authenticate(request.headers.authorization);
    request.session = session;
    request.server.requestLimits?.ofSession(session, reply);
    if (session.wipeOrder !== undefined) reply.header('x-wipe-order', session.wipeOrder);
  });
};

/** The session of a request behind `requireSession`. */
export const sessionOf = (request: FastifyRequest): Session => must(request.session, 'a session behind requireSession');

/** Who is asking. */
export const principalOf = (request: FastifyRequest): Principal => sessionOf(request).principal;
