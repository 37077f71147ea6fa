import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projections } from '../../../projections/registry.ts';
import { laggingWorkspaces } from '../../../src/server/projector/progress.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { newcomer } from '../../support/app.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { randomOf } from '../../support/random-history.ts';
import { runLeadZen, startLeadZen, startServerProcess, type ServerProcess } from '../../support/server-process.ts';
import { proposed } from '../../support/workspace.ts';
import { dumpReadModels } from './log-rows.ts';

const SEED = 20_261_125;
const DEALS = 3000;
const KILLS = 4;
/** A rebuild of so few events takes about a second after its start. */
const KILLED_WITHIN_MS = 2500;
const PAUSE_MS = 20;

let test: TestDatabase;
let server: ServerProcess;
let me: SignedIn;
let env: Record<string, string>;

const request = async (method: string, path: string, body?: object): Promise<Response> => {
  const authorization: Record<string, string> = me === undefined ? {} : { authorization: `Bearer ${me.accessToken}` };
  const response = await fetch(`${server.address}/api${path}`, {
    method,
    headers: { ...authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
};

const write = async (deals: number): Promise<void> => {
  const events = Array.from({ length: deals }, () =>
    proposed(me, 'DealCreated', uuidv7(), { name: 'Deal', amountMinor: 100, currency: 'USD' }),
  );
  await request('POST', '/sync', { protocol: 1, events });
};

beforeAll(async () => {
  test = await openTestDatabase();
  env = { DATABASE_URL: test.url, LOG_LEVEL: 'fatal', RATE_LIMIT: 'off' };
  server = await startServerProcess(env);
  me = (await (await request('POST', '/auth/sign-up', newcomer())).json()) as SignedIn;
  for (let written = 0; written < DEALS; written += 500) await write(500);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await test[Symbol.asyncDispose]();
});

/** Every figure of one reader, which must never be smaller than one before. */
interface Reading {
  readonly what: string;
  readonly read: () => Promise<readonly number[]>;
}

const readings = (): readonly Reading[] => {
  const workspace = test.database.app.for(me.workspace.id);
  return [
    {
      what: 'crm.deal',
      read: async () => {
        const { rows } = await workspace.query<{ count: number; newest: number }>(
          'select count(*)::integer as count, max(position)::integer as newest from crm.deal',
        );
        return [rows[0]?.count ?? 0, rows[0]?.newest ?? 0];
      },
    },
    {
      what: 'the pipeline',
      read: async () => {
        const answer = (await (await request('GET', '/analytics/pipeline')).json()) as { count: number };
        return [answer.count];
      },
    },
    {
      what: 'the list of deals',
      read: async () => {
        const answer = (await (await request('GET', '/deals?limit=1&sort=-createdAt')).json()) as { items: object[] };
        return [answer.items.length];
      },
    },
  ];
};

interface Watch {
  readonly reads: number;
  readonly longestMs: number;
  readonly faults: readonly string[];
}

/** Reads on and on; notes every answer that is empty, or older than one before. */
const watch = async ({ what, read }: Reading, stop: AbortSignal): Promise<Watch> => {
  const faults: string[] = [];
  let [reads, longestMs] = [0, 0];
  let before: readonly number[] = await read();
  while (!stop.aborted) {
    const begun = performance.now();
    const now = await read();
    longestMs = Math.max(longestMs, performance.now() - begun);
    reads += 1;
    if (now.some((figure, index) => figure === 0 || figure < (before[index] ?? 0)))
      faults.push(`${what}: ${before.join(', ')} became ${now.join(', ')}`);
    before = now;
    await delay(PAUSE_MS);
  }
  return { reads, longestMs, faults };
};

const writeOn = async (stop: AbortSignal): Promise<number> => {
  let written = 0;
  for (; !stop.aborted; written += 20) {
    await write(20);
    await delay(PAUSE_MS);
  }
  return written;
};

it(`a rebuild under load, its node killed at random points, never shows less than before and ends as the fold (seed ${SEED})`, async () => {
  const random = randomOf(SEED);
  const stopping = new AbortController();
  const watches = readings().map((reading) => watch(reading, stopping.signal));
  const writing = writeOn(stopping.signal);

  for (let kills = 0; kills < KILLS; kills += 1) {
    const rebuilding = startLeadZen(['rebuild'], env);
    await delay(random() * KILLED_WITHIN_MS);
    rebuilding.kill();
    await rebuilding.succeeded;
  }
  const { code, logged } = await runLeadZen(['rebuild'], env);
  expect(code, logged).toBe(0);

  stopping.abort();
  const [written, ...seen] = await Promise.all([writing, ...watches]);
  for (const { faults, reads } of seen) {
    expect(faults).toEqual([]);
    // Who reads waits for their own last write, a second at most, and writes all the time.
    expect(reads).toBeGreaterThan(5);
  }
  const longest = Math.max(...seen.map(({ longestMs }) => longestMs));
  process.stderr.write(`rebuild under load: ${written} written meanwhile, longest read ${longest.toFixed(0)} ms\n`);

  while ((await laggingWorkspaces(test.database.projector, projections)).length > 0) await delay(50);
  await server.end('SIGTERM');
  const live = await dumpReadModels(test.database.projector);
  expect(live['deal']).toHaveLength(DEALS + written);
  await rebuild(test.database.projector, projections);
  expect(await dumpReadModels(test.database.projector)).toEqual(live);
});
