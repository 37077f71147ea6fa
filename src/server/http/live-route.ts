import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Auth, Session } from '../auth/auth.ts';
import { CLOSE, openLiveConnection, type LiveConnection } from './live-connection.ts';
import type { AppParts, LiveHints } from './parts.ts';
import type { App } from './zod-schemas.ts';

const PING_MS = 25_000;
/** A revocation is felt within 10 s; half of that leaves room for a slow answer. */
const REVOCATION_CHECK_MS = 5_000;
const MESSAGE_BYTES_MAX = 4096;
const CONNECTIONS_MAX = 10_000;
const CONNECTIONS_OF_A_USER_MAX = 20;
/** How long a closing server waits for clients to say goodbye. */
const GOODBYE_MS = 1_000;

interface Crowd {
  readonly join: (connection: LiveConnection, session: Session) => boolean;
  readonly all: () => readonly LiveConnection[];
  /** Nobody hears anything any more. */
  readonly hush: () => void;
}

/** Everyone who listens, by workspace. */
const createCrowd = (live: LiveHints): Crowd => {
  const byWorkspace = new Map<Uuid, Set<LiveConnection>>();
  const watches = new Map<LiveConnection, () => void>();
  let size = 0;
  const leave = (workspaceId: Uuid, connection: LiveConnection): void => {
    const others = byWorkspace.get(workspaceId);
    if (others?.delete(connection) === true) size -= 1;
    if (others?.size === 0) byWorkspace.delete(workspaceId);
    watches.get(connection)?.();
    watches.delete(connection);
  };
  const join: Crowd['join'] = (connection, { principal }) => {
    const { workspaceId, userId } = principal;
    const others = byWorkspace.get(workspaceId) ?? new Set();
    const own = [...others].filter((other) => other.session()?.principal.userId === userId);
    if (size >= CONNECTIONS_MAX || own.length >= CONNECTIONS_OF_A_USER_MAX) return false;
    byWorkspace.set(workspaceId, others.add(connection));
    size += 1;
    watches.set(connection, live.watch(principal, connection.hint));
    connection.socket.on('close', () => leave(workspaceId, connection));
    return true;
  };
  return {
    join,
    all: () => [...byWorkspace.values()].flatMap((connections) => Array.from(connections)),
    hush: () => {
      for (const unwatch of watches.values()) unwatch();
      watches.clear();
    },
  };
};

/** One question for all of them, however many they are. A session that is over ends; another role counts from now on. */
const judgeAgain = async (auth: Auth, connections: readonly LiveConnection[]): Promise<void> => {
  const sessions = connections.flatMap(({ session }) => session() ?? []);
  if (sessions.length === 0) return;
  // While the database is away nobody can be revoked; the next round asks again.
  const roles = await auth.liveRoles(sessions).catch(() => undefined);
  for (const { socket, session, changeRole } of roles === undefined ? [] : connections) {
    const role = roles?.get(session()?.sessionId ?? '');
    if (role === undefined) socket.close(CLOSE.revoked);
    else changeRole(role);
  }
};

const keepWatch = (crowd: Crowd, auth: Auth): (() => void) => {
  const pings = setInterval(() => {
    for (const connection of crowd.all()) if (!connection.ping()) connection.socket.terminate();
  }, PING_MS);
  const revocations = setInterval(() => void judgeAgain(auth, crowd.all()), REVOCATION_CHECK_MS);
  return () => {
    clearInterval(pings);
    clearInterval(revocations);
  };
};

/** WebSockets on this app. At shutdown clients are told to come back, to another server or to the next one. */
export const acceptWebSockets = async (app: FastifyInstance): Promise<void> => {
  await app.register(websocket, {
    options: { maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false },
    preClose(this: FastifyInstance, done) {
      const { clients } = this.websocketServer;
      for (const client of clients) client.close(CLOSE.goingAway);
      setTimeout(() => clients.forEach((client) => client.terminate()), GOODBYE_MS).unref();
      done();
    },
    errorHandler: (_error, socket) => socket.terminate(),
  });
};

const BEARER = /^Bearer +(\S+) *$/i;

/** `GET /api/sync/live`: tells clients that there is something to pull, and never what. */
export const liveRoute =
  ({ auth, live }: Pick<AppParts, 'auth' | 'live'>) =>
  async (app: App): Promise<void> => {
    const crowd = createCrowd(live);
    const endWatch = keepWatch(crowd, auth);
    app.addHook('onClose', async () => {
      crowd.hush();
      endWatch();
    });
    app.route({
      method: 'GET',
      url: '/api/sync/live',
      schema: { tags: ['sync'], summary: 'A WebSocket that says {} whenever there is something to pull' },
      handler: async () => {
        throw new Problem('invalid_request', 'Open a WebSocket here.');
      },
      wsHandler: (socket: WebSocket, request) => {
        const present = openLiveConnection({ socket, auth, join: crowd.join });
        const header = request.headers.authorization;
        if (header !== undefined) void present(BEARER.exec(header)?.[1] ?? '');
      },
    });
  };
