import type { FastifyInstance } from 'fastify';
import { Problem } from '../../shared/contract/problem.ts';
import type { HttpConfig } from './parts.ts';

/**
 * Behind a proxy, what came to it in the clear is refused and never redirected: a token was on the wire already. A
 * request that says nothing of a proxy is a check from inside, by an orchestrator for one.
 */
export const refusePlainHttp = (app: FastifyInstance, { trustProxy }: HttpConfig): void => {
  if (trustProxy.length === 0) return;
  app.addHook('onRequest', (request, _reply, done) => {
    const isPlain = request.headers['x-forwarded-proto'] !== undefined && request.protocol !== 'https';
    done(isPlain ? new Problem('https_required', 'Use https.') : undefined);
  });
};
