import type { SocketPort, TimersPort } from './ports.ts';
import { backoffMs } from './transport/backoff.ts';

/** Close codes of the protocol: the token is too old; the session was revoked. */
const TOKEN = 4401;

interface Parts {
  readonly url: string;
  readonly openSocket: (url: string) => SocketPort;
  readonly accessToken: () => Promise<string | undefined>;
  readonly timers: TimersPort;
  readonly random: () => number;
  /** There may be something to pull. */
  readonly onHint: () => void;
}

/** A connection that says when there is something to pull, for whoever is signed in. */
export interface Live {
  /** Somebody came or left: connects anew, at once. */
  restart(): void;
  stop(): void;
}

/** Comes back after every end of the connection, until it is stopped. */
export const createLive = ({ url, openSocket, accessToken, timers, random, onHint }: Parts): Live => {
  let socket: SocketPort | undefined;
  let timer: unknown;
  let failures = 0;
  // Of the connection that counts: what an older one still says is nobody's business.
  let generation = 0;

  const connect = async (own: number): Promise<void> => {
    const token = await accessToken().catch(() => undefined);
    if (own !== generation || token === undefined) return;
    failures += 1;
    const open = openSocket(url);
    socket = open;
    open.addEventListener('open', () => {
      open.send(JSON.stringify({ accessToken: token }));
      // What happened while nobody listened was hinted at to nobody.
      onHint();
    });
    open.addEventListener('message', () => {
      failures = 0;
      onHint();
    });
    // It closes right after, which says more; some runtimes throw what nobody listens for.
    open.addEventListener('error', () => {});
    open.addEventListener('close', ({ code }) => {
      // A token lives for ten minutes: its end is not a failure.
      if (own === generation) again(own, code === TOKEN && failures <= 1 ? 0 : backoffMs(failures, random));
    });
  };
  const again = (own: number, delayMs: number): void => {
    timer = timers.set(() => void connect(own), delayMs);
  };
  const end = (): void => {
    generation += 1;
    timers.clear(timer);
    socket?.close();
    socket = undefined;
  };
  return {
    restart: () => {
      end();
      failures = 0;
      void connect(generation);
    },
    stop: end,
  };
};
