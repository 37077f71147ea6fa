import type { FetchAnswer, FetchPort, SignalPort, SocketPort } from '../../../../src/client/index.ts';
import { createStore, type Store } from '../store.ts';

/** A phone's way to the world. While it is off nothing passes: requests fail, also those under way, and sockets close. */
export interface Network {
  readonly online: Store<boolean>;
  readonly fetch: FetchPort;
  readonly openSocket: (url: string) => SocketPort;
  readonly onOnline: SignalPort;
}

const ABNORMAL = 1006;

const noNetwork = (): Error => new TypeError('this phone is in airplane mode');

/** A socket as the platform gives it where there is no network: it never opens. */
const deadSocket = (): SocketPort => ({
  send: () => {},
  close: () => {},
  addEventListener: (type: string, listener: (event: { readonly code: number }) => void) => {
    if (type === 'close') setTimeout(() => listener({ code: ABNORMAL }));
  },
});

// A reloaded page finds the switch as it was left.
const rememberedSwitch = (key: string): Store<boolean> => {
  const online = createStore(localStorage.getItem(key) !== 'off');
  online.subscribe(() => localStorage.setItem(key, online.get() ? 'on' : 'off'));
  return online;
};

export const createNetwork = (key: string): Network => {
  const online = rememberedSwitch(key);
  const sockets = new Set<WebSocket>();
  let cut = new AbortController();
  online.subscribe(() => {
    if (online.get()) return;
    cut.abort(noNetwork());
    cut = new AbortController();
    for (const socket of sockets) socket.close();
  });

  const fetchOnline: FetchPort = async (url, init) => {
    if (!online.get()) throw noNetwork();
    const signals = init.signal instanceof AbortSignal ? [init.signal, cut.signal] : [cut.signal];
    const answer: FetchAnswer = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
    return answer;
  };
  const openSocket = (url: string): SocketPort => {
    if (!online.get()) return deadSocket();
    const socket = new WebSocket(url);
    sockets.add(socket);
    socket.addEventListener('close', () => sockets.delete(socket));
    return socket;
  };
  const onOnline: SignalPort = (listener) => online.subscribe(() => online.get() && listener());
  return { online, fetch: fetchOnline, openSocket, onOnline };
};
