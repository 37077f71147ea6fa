import type { FastifyInstance } from 'fastify';
import { createAuth, type Auth } from '../../src/server/auth/auth.ts';
import { loadKeys } from '../../src/server/auth/keys.ts';
import { openDatabase } from '../../src/server/database/pool.ts';
import { buildApp } from '../../src/server/http/app.ts';
import type { TestApp } from './app.ts';

/** Another server on the database of a first one: it shares no memory with it as far as identity goes. */
export interface SecondApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly auth: Auth;
}

export const openSecondApp = async ({ test, push, parts }: TestApp): Promise<SecondApp> => {
  const database = openDatabase(test.url);
  const keys = await loadKeys(database.app);
  const auth = createAuth({ pool: database.app, keys, push });
  const app = await buildApp({ ...parts, auth });
  const dispose = async (): Promise<void> => {
    await app.close();
    await database.close();
  };
  return { app, auth, [Symbol.asyncDispose]: dispose };
};
