import type { LightMyRequestResponse } from 'fastify';
import { startProjector, type Projector } from '../../src/server/projector/run.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import { openTestApp, signUp, type TestApp } from './app.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
export type Json = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- tests look into answers

/** A whole server with its projector, and somebody signed in. */
export interface RestBench extends AsyncDisposable {
  readonly test: TestApp;
  readonly projector: Projector;
  readonly me: SignedIn;
  /** As the signed-in user; `X-Min-Position` is the newest position that an answer named. */
  call(method: Method, url: string, body?: object, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** The body of an answer that must have this status. */
  ok(status: number, method: Method, url: string, body?: object, headers?: Record<string, string>): Promise<Json>;
  /** Another user of another workspace. */
  stranger(): Promise<RestBench['call']>;
}

const headOf = async (test: TestApp, { workspace }: SignedIn): Promise<number> => {
  const { rows } = await test.test.database.owner.query<{ head: number }>(
    'select head from workspace where workspace_id = $1',
    [workspace.id],
  );
  return rows[0]?.head ?? 0;
};

const caller = async (test: TestApp, me: SignedIn): Promise<RestBench['call']> => {
  let position = await headOf(test, me);
  return async (method, url, body, headers = {}) => {
    const response = await test.app.inject({
      method,
      url,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${me.accessToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? { 'x-min-position': String(position) } : {}),
        ...headers,
      },
    });
    position = Math.max(position, Number(response.headers['x-log-position'] ?? 0));
    return response;
  };
};

/** What goes wrong in the background is the only thing worth reading when a test waits in vain. */
const complain = (details: unknown, message: string): void => {
  process.stderr.write(`${message} ${String((details as Json)['err']?.stack)}\n`);
};
const log = { debug: () => {}, info: () => {}, warn: complain, error: complain };

export const openRest = async (): Promise<RestBench> => {
  const test = await openTestApp();
  const projector = await startProjector({ database: test.test.database, wake: test.wake, log });
  const me = await signUp(test.app);
  const call = await caller(test, me);
  return {
    test,
    projector,
    me,
    call,
    ok: async (status, ...request) => {
      const response = await call(...request);
      if (response.statusCode !== status) throw new Error(`${response.statusCode} ${response.payload}`);
      return response.json<Json>();
    },
    stranger: async () => caller(test, await signUp(test.app)),
    [Symbol.asyncDispose]: async () => {
      await projector.stop();
      await test[Symbol.asyncDispose]();
    },
  };
};
