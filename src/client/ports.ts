import type { AsyncStorageLike } from './storage/client-store.ts';

/** A keychain: what is small and secret. AsyncStorage's own names, so that most libraries fit as they are. */
export interface SecretsPort {
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<unknown>;
  removeItem(key: string): Promise<unknown>;
}

/** What the SDK sends. A body is text, or bytes where it is compressed. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: unknown;
}
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}
/** The global `fetch` fits. Rejects where the network is away. */
export type FetchPort = (url: string, init: FetchInit) => Promise<FetchAnswer>;

/** Calls the listener when the app comes to the foreground, or a network comes back; answers what ends that. */
export type SignalPort = (listener: () => void) => () => void;

/** A part of the WebSocket of browsers and React Native. */
export interface SocketPort {
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'message' | 'error', listener: () => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
}

/** `navigator.locks` fits: one tab at a time holds a name. */
export interface LocksPort {
  request(name: string, options: { readonly signal?: unknown }, held: () => Promise<void>): Promise<unknown>;
}

export interface TimersPort {
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

/** Everything of the outside world that the SDK touches. */
export interface Ports {
  /** AsyncStorage, of any version. */
  readonly storage: AsyncStorageLike;
  readonly secrets: SecretsPort;
  /**
   * Where the keys live that seal the storage: in `secrets`, or in the browser, which never shows them to a script.
   * Default: the browser where it offers that. One browser keeps one key a user, so two apps of one user in it share theirs.
   */
  readonly keysIn?: 'secrets' | 'browser';
  /** Default: the global one. */
  readonly fetch?: FetchPort;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
  /** From 0 up to 1; default `Math.random`. Only spreads retries, and is nobody's secret. */
  readonly random?: () => number;
  readonly timers?: TimersPort;
  readonly onForeground?: SignalPort;
  readonly onOnline?: SignalPort;
  /** Opens a WebSocket, for hints that there is something to pull. */
  readonly openSocket?: (url: string) => SocketPort;
  readonly locks?: LocksPort;
}
