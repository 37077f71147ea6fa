import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';
import { Problem } from '../../shared/contract/problem.ts';

export interface Draining {
  /** True from the moment that `app.close()` was called. */
  readonly begun: boolean;
}

/** Node does not count a connection that never sent a byte among the idle ones, and would wait for it. */
const endSilentConnections = (app: FastifyInstance): void => {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  app.addHook('preClose', (done) => {
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
};

/**
 * Once the app closes, requests in flight finish and connections end with their answers; what still arrives on a
 * connection that was kept alive is told to go elsewhere. Call it before any route is added.
 */
export const drainOnClose = (app: FastifyInstance): Draining => {
  const draining = { begun: false };
  endSilentConnections(app);
  app.addHook('preClose', (done) => {
    draining.begun = true;
    done();
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const refuse = draining.begun && !request.url.startsWith('/health/');
    done(refuse ? new Problem('shutting_down', 'The server is shutting down. Try again in a moment.') : undefined);
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining.begun) reply.header('connection', 'close');
    done(null, payload);
  });
  return draining;
};
