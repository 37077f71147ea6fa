import type { FastifyInstance } from 'fastify';

const SLOW_MS = 1_000;

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/**
 * One line a request: at `info` what failed or was slow, the rest at `debug`; how many there were is told by /metrics.
 * Neither headers nor queries nor bodies: they hold tokens, passwords and people's names.
 */
export const logRequests = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime);
    const level = reply.statusCode >= 400 || ms >= SLOW_MS ? 'info' : 'debug';
    request.log[level]({ method: request.method, path: pathOf(request.url), status: reply.statusCode, ms }, 'answered');
    done();
  });
};
