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

/** Listens for hints until it is stopped, coming back after every end of the connection. */
export const listenLive = ({ url, openSocket, accessToken, timers, random, onHint }: Parts): (() => void) => {
  let socket: SocketPort | undefined;
  let timer: unknown;
  let failures = 0;
  let stopped = false;

  const again = (delayMs: number): void => {
    if (!stopped) timer = timers.set(() => void connect(), delayMs);
  };
  const connect = async (): Promise<void> => {
    const token = await accessToken().catch(() => undefined);
    if (stopped) return;
    failures += 1;
    if (token === undefined) return again(backoffMs(failures, random));
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
    open.addEventListener('close', ({ code }) => {
      // A token lives for ten minutes: its end is not a failure.
      again(code === TOKEN && failures <= 1 ? 0 : backoffMs(failures, random));
    });
  };
  void connect();
  return () => {
    stopped = true;
    timers.clear(timer);
    socket?.close();
  };
};
