import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { createAccess } from '../../src/server/access/access.ts';
import { createAuth, type Auth } from '../../src/server/auth/auth.ts';
import { createDeviceOwners } from '../../src/server/auth/devices.ts';
import { loadKeys, type Keys } from '../../src/server/auth/keys.ts';
import { asProblem } from '../../src/server/database/failure.ts';
import { buildApp } from '../../src/server/http/app.ts';
import type { AppParts } from '../../src/server/http/parts.ts';
import { createImports } from '../../src/server/import/imports.ts';
import type { Wake } from '../../src/server/log/wake.ts';
import { createAnalytics } from '../../src/server/queries/analytics/analytics.ts';
import { createExports } from '../../src/server/queries/exports/exports.ts';
import { createRecordReads } from '../../src/server/queries/record-reads.ts';
import { createRecordWrites } from '../../src/server/resources/record-writes.ts';
import { positionOf, positionOfTable } from '../../src/server/projector/progress.ts';
import { projectionsAdmin } from '../../src/server/projector/projections-admin.ts';
import { createLive } from '../../src/server/sync/live.ts';
import { createPush, type Push } from '../../src/server/sync/push.ts';
import { createSync } from '../../src/server/sync/sync.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import { askingBoth, bothEngines } from './both-engines.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';

export interface TestApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly auth: Auth;
  readonly keys: Keys;
  readonly push: Push;
  readonly wake: Wake;
  readonly parts: AppParts;
  readonly test: TestDatabase;
  /** Milliseconds by which the clock of `auth` runs ahead. */
  skew: number;
}

/** Wakes the listeners of this process at once. */
const localWake = (): Wake => {
  const listeners = new Set<(workspaceId: Uuid, position: number) => void>();
  return {
    committed: (workspaceId, position) => listeners.forEach((listener) => listener(workspaceId, position)),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {},
  };
};

/** A whole server on a database of its own, not listening. `changes` replaces or adds parts. */
export const openTestApp = async (
  changes: (app: Omit<TestApp, 'app' | 'parts'>) => Partial<AppParts> = () => ({}),
): Promise<TestApp> => {
  const test = await openTestDatabase();
  const pool = test.database.app;
  const keys = await loadKeys(pool);
  const wake = localWake();
  const clock = { skew: 0 };
  const access = createAccess(test.database.log, () => Date.now() + clock.skew);
  const push = createPush({
    pool: test.database.log,
    wake,
    access,
    contentKey: keys.contentKey,
    ownsDevice: createDeviceOwners(pool),
  });
  const { sync } = createSync({ pool: test.database.log, push, access, cursorKey: keys.cursorKey });
  const auth = createAuth({ pool, keys, push, now: () => Date.now() + clock.skew });
  const open = { auth, keys, push, wake, test };
  const onError = (error: unknown) => {
    throw error;
  };
  const live = createLive({ pool: test.database.log, access, wake, onError });
  const projected = {
    pool,
    access,
    positionOf: (workspaceId: Uuid) => positionOf(pool.for(workspaceId), workspaceId),
    writtenBy: push.writtenBy,
  };
  const columns = bothEngines(test.database);
  const parts: AppParts = {
    config: { corsOrigins: [], trustProxy: [] },
    log: pino({ level: 'silent' }),
    auth,
    sync,
    reads: createRecordReads(projected),
    writes: createRecordWrites({ pool, push, access, now: Date.now, newId: uuidv7 }),
    analytics: askingBoth(
      createAnalytics({ ...projected, pool: test.database.analytics, columns }),
      createAnalytics({ ...projected, pool: test.database.analytics, columns: { for: async () => undefined } }),
    ),
    exports: createExports({ ...projected, positionOfTable, newId: uuidv7 }),
    imports: createImports({ pool, push, access, contentKey: keys.contentKey }),
    live,
    projections: projectionsAdmin(test.database.projector),
    health: { problems: async () => [] },
    asProblem,
    ...changes(Object.assign(clock, open, { [Symbol.asyncDispose]: async () => {} })),
  };
  const app = await buildApp(parts);
  const dispose = async (): Promise<void> => {
    await app.close();
    live.close();
    await columns.close();
    await test[Symbol.asyncDispose]();
  };
  return Object.assign(clock, open, { app, parts, [Symbol.asyncDispose]: dispose });
};

let people = 0;
export const PASSWORD = 'correct horse battery';

/** The body of a sign-up that nobody made before. */
export const newcomer = (changes: object = {}): object => {
  people += 1;
  return {
    workspaceName: 'Acme',
    name: 'Ada',
    email: `ada${people}-${process.pid}@example.com`,
    password: PASSWORD,
    ...changes,
  };
};

export const postJson = (
  app: FastifyInstance,
  url: string,
  body: object | string,
  token?: string,
): Promise<LightMyRequestResponse> =>
  app.inject({
    method: 'POST',
    url,
    payload: typeof body === 'string' ? body : JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });

/** Signs somebody up and answers what he was told. */
export const signUp = async (app: FastifyInstance, changes: object = {}): Promise<SignedIn> => {
  const response = await postJson(app, '/api/auth/sign-up', newcomer(changes));
  if (response.statusCode !== 201) throw new Error(`sign-up: ${response.statusCode} ${response.payload}`);
  return response.json<SignedIn>();
};
