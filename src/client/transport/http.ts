import { isJsonObject, type JsonObject } from '../../shared/base/json.ts';
import { gzip } from '../deflate/gzip.ts';
import type { FetchAnswer, FetchPort, TimersPort } from '../ports.ts';
import { toUtf8 } from '../utf8.ts';

/** An answer of the server, whatever its status. */
export interface Reply {
  readonly status: number;
  /** Of a JSON body; empty where there is none. */
  readonly body: JsonObject;
  /** What the server asks to wait before the next try. */
  readonly retryAfterMs: number | undefined;
  /** The signed order that a retired device gets with every answer. */
  readonly wipeOrder: string | undefined;
}

export interface Call {
  readonly path: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  readonly token?: string | undefined;
}

/** Sends a request; undefined where nothing came back: no network, no answer in time, or one that is cut off. */
export type Http = (call: Call) => Promise<Reply | undefined>;

/** A phone on a bad line sends a full batch in less; a server that hangs must not stop the next try for long. */
const ANSWER_MS = 60_000;
/** What is smaller is not worth a header; the server compresses from the same size on. */
const GZIP_FROM_CHARACTERS = 1024;

interface Parts {
  readonly baseUrl: string;
  readonly fetch: FetchPort;
  readonly timers: TimersPort;
}

interface Abort {
  readonly signal: unknown;
  abort(): void;
}
// Not in every runtime's types; where it is missing a late answer is only ignored.
const newAbort = (): Abort | undefined => {
  const { AbortController } = globalThis as { readonly AbortController?: new () => Abort };
  return AbortController === undefined ? undefined : new AbortController();
};

export const createHttp =
  ({ baseUrl, fetch, timers }: Parts): Http =>
  async ({ path, method = 'POST', body, token }) => {
    const abort = newAbort();
    let timer: unknown;
    const late = new Promise<undefined>((resolve) => {
      timer = timers.set(() => {
        abort?.abort();
        resolve(undefined);
      }, ANSWER_MS);
    });
    const request = fetch(`${baseUrl.replace(/\/+$/, '')}${path}`, {
      method,
      ...encoded(body, token),
      ...(abort === undefined ? {} : { signal: abort.signal }),
    });
    try {
      return await Promise.race([request.then(read), late]);
    } catch {
      return undefined;
    } finally {
      timers.clear(timer);
      // A request that lost the race may still fail, and nobody waits for it any more.
      request.catch(() => {});
    }
  };

const encoded = (body: object | undefined, token: string | undefined) => {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const zip = text !== undefined && text.length >= GZIP_FROM_CHARACTERS;
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    ...(zip ? { 'content-encoding': 'gzip' } : {}),
  };
  if (text === undefined) return { headers };
  return { headers, body: zip ? gzip(toUtf8(text)) : text };
};

const read = async (answer: FetchAnswer): Promise<Reply> => {
  const text = await answer.text();
  return {
    status: answer.status,
    body: parsed(text, answer.status),
    retryAfterMs: seconds(answer.headers.get('retry-after')),
    wipeOrder: answer.headers.get('x-wipe-order') ?? undefined,
  };
};

/** A proxy's error page is an answer, too; half of a good answer is none. */
const parsed = (text: string, status: number): JsonObject => {
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch (error) {
    if (status < 300) throw error;
    return {};
  }
};

const seconds = (header: string | null): number | undefined => {
  const value = Number(header ?? 'none');
  return Number.isFinite(value) && value >= 0 ? value * 1000 : undefined;
};
