import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { LeadZen, LeadZenOptions } from '../../src/client/api.ts';
import { createLeadZen } from '../../src/client/create-leadzen.ts';
import type { FetchAnswer, FetchInit, FetchPort, SecretsPort } from '../../src/client/ports.ts';
import type { PerItemStorage } from '../../src/client/storage/async-storage.ts';

/** An AsyncStorage that lives as long as its map. */
export const mapStorage = (map = new Map<string, string>()): PerItemStorage => ({
  getItem: async (key) => map.get(key) ?? null,
  setItem: async (key, value) => void map.set(key, value),
  removeItem: async (key) => void map.delete(key),
  getAllKeys: async () => Array.from(map.keys()),
});

/** How many more writes a process lives to see. */
export interface Life {
  writesLeft: number;
}
export class Died extends Error {}

/** The process dies at a write: that one happens or not, and nothing that it calls answers any more. */
export const mortalStorage = (map: Map<string, string>, life: Life): PerItemStorage => {
  const inner = mapStorage(map);
  const write = async (act: () => Promise<unknown>): Promise<void> => {
    life.writesLeft -= 1;
    if (life.writesLeft < -1) throw new Died('the process is dead');
    if (life.writesLeft >= 0) await act();
    else {
      if (map.size % 2 === 0) await act();
      throw new Died('the process died here');
    }
  };
  return {
    getItem: async (key) => {
      if (life.writesLeft < 0) throw new Died('the process is dead');
      return inner.getItem(key);
    },
    setItem: (key, value) => write(() => inner.setItem(key, value)),
    removeItem: (key) => write(() => inner.removeItem(key)),
    getAllKeys: () => inner.getAllKeys(),
  };
};

export const mapSecrets = (map = new Map<string, string>()): SecretsPort => mapStorage(map);

/** A network to an app that does not listen. */
export const networkTo =
  (app: FastifyInstance): FetchPort =>
  async (url, { method, headers, body }: FetchInit): Promise<FetchAnswer> => {
    const response = await app.inject({
      method: method as 'GET',
      url: new URL(url).pathname,
      headers: { ...headers },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : Buffer.from(body) }),
    });
    return {
      status: response.statusCode,
      headers: { get: (name) => (response.headers[name] === undefined ? null : String(response.headers[name])) },
      text: async () => response.payload,
    };
  };

/** Lets nothing through while it is `off`. */
export interface Cable {
  off: boolean;
  readonly fetch: FetchPort;
}
export const cableTo = (fetch: FetchPort): Cable => {
  const cable: Cable = {
    off: false,
    fetch: async (url, init) => {
      if (cable.off) throw new TypeError('network request failed');
      return fetch(url, init);
    },
  };
  return cable;
};

export interface Phone {
  readonly leadzen: LeadZen;
  readonly cable: Cable;
  readonly life: Life;
  /** What is on its disk and in its keychain. */
  readonly disk: Map<string, string>;
  readonly keychain: Map<string, string>;
  /** The app is started anew on the same disk. */
  restart(changes?: Partial<LeadZenOptions>): Phone;
}

interface Leftovers {
  readonly disk?: Map<string, string>;
  readonly keychain?: Map<string, string>;
}

/** A phone that syncs when it is told to. */
export const phoneOn = (
  fetch: FetchPort,
  changes: Partial<LeadZenOptions> = {},
  { disk = new Map(), keychain = new Map() }: Leftovers = {},
): Phone => {
  const cable = cableTo(fetch);
  const life: Life = { writesLeft: Infinity };
  const leadzen = createLeadZen({
    baseUrl: 'http://leadzen.test',
    storage: mortalStorage(disk, life),
    secrets: mapSecrets(keychain),
    fetch: cable.fetch,
    autoSync: false,
    ...changes,
  });
  return {
    leadzen,
    cable,
    life,
    disk,
    keychain,
    restart: (more = {}) => phoneOn(fetch, { ...changes, ...more }, { disk, keychain }),
  };
};

/** The text of a request's body, unzipped. */
export const bodyOf = ({ body }: FetchInit): string =>
  typeof body === 'string' ? body : body === undefined ? '' : gunzipSync(body).toString();

/** An answer with this status and body, whatever was asked. */
export const answering = (status: number, body: object): FetchAnswer => ({
  status,
  headers: { get: () => null },
  text: async () => JSON.stringify(body),
});

/** Lets a test change what the server answers to a sync. */
export const rewriting =
  (fetch: FetchPort, rewrite: (answer: Record<string, unknown>) => Record<string, unknown>): FetchPort =>
  async (url, init) => {
    const answer = await fetch(url, init);
    if (!url.endsWith('/api/sync') || answer.status !== 200) return answer;
    const body = JSON.parse(await answer.text()) as Record<string, unknown>;
    return { ...answer, text: async () => JSON.stringify(rewrite(body)) };
  };
