import type { WebSocket } from 'ws';
import { isJsonObject } from '../../shared/base/json.ts';
import { PROBLEM_STATUS, Problem } from '../../shared/contract/problem.ts';
import type { Role } from '../../shared/contract/events/user.ts';
import type { Auth, Session } from '../auth/auth.ts';

/** Close codes of the protocol (section 2), and those of RFC 6455. */
export const CLOSE = {
  token: 4401,
  revoked: 4403,
  goingAway: 1001,
  broken: 1011,
  tooMany: 1013,
} as const;

const SIGN_IN_MS = 10_000;
/** At most 20 hints a second. */
const HINT_INTERVAL_MS = 50;
/** A hint has a dozen bytes: whoever has thousands of them waiting does not read. */
const BUFFERED_MAX = 64 * 1024;

/** One open WebSocket of a client. */
export interface LiveConnection {
  readonly socket: WebSocket;
  /** Undefined until the client has shown a token. */
  readonly session: () => Session | undefined;
  /** The role in force is another one than when the token was shown. */
  readonly changeRole: (role: Role) => void;
  /** Sends `{}` now or within 50 ms, once for any number of commits. */
  readonly hint: () => void;
  /** False when it never answered the last ping. */
  readonly ping: () => boolean;
}

export interface LiveConnectionParts {
  readonly socket: WebSocket;
  readonly auth: Auth;
  /** Called once, with the first session; false where there are too many connections already. */
  readonly join: (connection: LiveConnection, session: Session) => boolean;
}

const tokenIn = (message: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(message);
    return isJsonObject(value) && typeof value['accessToken'] === 'string' ? value['accessToken'] : undefined;
  } catch {
    return undefined;
  }
};

const createHint = (socket: WebSocket): (() => void) => {
  let last = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const send = (): void => {
    timer = undefined;
    last = performance.now();
    if (socket.bufferedAmount > BUFFERED_MAX) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.send('{}');
  };
  socket.on('close', () => clearTimeout(timer));
  return () => {
    if (timer !== undefined) return;
    const wait = last + HINT_INTERVAL_MS - performance.now();
    if (wait <= 0) send();
    else timer = setTimeout(send, wait);
  };
};

const createPing = (socket: WebSocket): (() => boolean) => {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return () => {
    const alive = answered;
    answered = false;
    if (alive && socket.readyState === socket.OPEN) socket.ping();
    return alive;
  };
};

const isSameUser = (a: Session, b: Session): boolean =>
  a.principal.userId === b.principal.userId && a.principal.workspaceId === b.principal.workspaceId;

/**
 * Speaks with one client. A token, from the header or from a message, opens the way for hints until it expires; another
 * one of the same user extends it. Answers what takes a token.
 */
export const openLiveConnection = ({ socket, auth, join }: LiveConnectionParts): ((token: string) => Promise<void>) => {
  let session: Session | undefined;
  let deadline = setTimeout(() => socket.close(CLOSE.token), SIGN_IN_MS);
  const connection: LiveConnection = {
    socket,
    session: () => session,
    changeRole: (role) => {
      if (session !== undefined) session = { ...session, principal: { ...session.principal, role } };
    },
    hint: createHint(socket),
    ping: createPing(socket),
  };

  const accept = (next: Session): void => {
    if (session !== undefined && !isSameUser(session, next)) return socket.close(CLOSE.token);
    const isFirst = session === undefined;
    session = next;
    clearTimeout(deadline);
    deadline = setTimeout(() => socket.close(CLOSE.token), Math.max(0, next.expiresAt - Date.now()));
    if (isFirst && !join(connection, next)) socket.close(CLOSE.tooMany);
  };
  const present = async (token: string): Promise<void> => {
    try {
      const next = await auth.authenticateToken(token);
      if (socket.readyState === socket.OPEN) accept(next);
    } catch (error) {
      const isRefusal = error instanceof Problem && error.body.status === PROBLEM_STATUS.unauthenticated;
      socket.close(isRefusal ? CLOSE.token : CLOSE.broken);
    }
  };

  socket.on('close', () => clearTimeout(deadline));
  socket.on('message', (data, isBinary) => {
    const token = isBinary ? undefined : tokenIn((data as Buffer).toString('utf8'));
    if (token === undefined) socket.close(CLOSE.token);
    else void present(token);
  });
  return present;
};
