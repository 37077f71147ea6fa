import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projections } from '../../../projections/registry.ts';
import { laggingWorkspaces } from '../../../src/server/projector/progress.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import type { SignedIn } from '../../../src/shared/contract/identity.ts';
import { newcomer } from '../../support/app.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startServerProcess, type ServerProcess } from '../../support/server-process.ts';
import { proposed } from '../../support/workspace.ts';
import { dumpReadModels } from './log-rows.ts';

const NODES = 3;
const WORKSPACES = 12;
/** Of writing: two of them while a node is being killed, and after. */
const ROUNDS = 5;
const DEALS = 20;
/** From the death of a node until every workspace is at its head again. */
const RECOVERED_MS = 10_000;

let test: TestDatabase;
let nodes: ServerProcess[];
let people: SignedIn[];

const post = async (node: ServerProcess, path: string, body: object, token?: string): Promise<unknown> => {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${node.address}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
};

beforeAll(async () => {
  test = await openTestDatabase();
  const settings = { DATABASE_URL: test.url, LOG_LEVEL: 'fatal', RATE_LIMIT: 'off' };
  nodes = await Promise.all(Array.from({ length: NODES }, () => startServerProcess(settings)));
  people = [];
  for (let made = 0; made < WORKSPACES; made += 1)
    people.push((await post(nodeOf(made), '/auth/sign-up', newcomer())) as SignedIn);
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  await test[Symbol.asyncDispose]();
});

const nodeOf = (index: number): ServerProcess => nodes[index % nodes.length] as ServerProcess;

/** Every person makes deals and moves them on, through whichever nodes are alive. */
const writeOn = async (alive: readonly ServerProcess[]): Promise<void> => {
  await Promise.all(
    people.map(async (me, index) => {
      const deals = Array.from({ length: DEALS }, () => uuidv7());
      const events = deals.flatMap((id) => [
        proposed(me, 'DealCreated', id, { name: 'Deal', amountMinor: 100, currency: 'USD' }),
        proposed(me, 'DealDetailsChanged', id, { name: 'Another name' }),
      ]);
      const node = alive[index % alive.length] as ServerProcess;
      await post(node, '/sync', { protocol: 1, events }, me.accessToken);
    }),
  );
};

const holders = async (): Promise<number[]> => {
  const { rows } = await test.database.owner.query<{ held: number }>(
    'select count(*)::integer as held from projection_lease where expires_at > now() group by holder order by 1',
  );
  return rows.map(({ held }) => held);
};

const recovered = async (): Promise<number> => {
  const begun = performance.now();
  while ((await laggingWorkspaces(test.database.projector, projections)).length > 0) {
    if (performance.now() - begun > 3 * RECOVERED_MS) break;
    await delay(50);
  }
  return performance.now() - begun;
};

it('of three nodes one is killed: every workspace reaches its head within 10 s, and no row is counted twice', async () => {
  for (let round = 2; round < ROUNDS; round += 1) await writeOn(nodes);
  await recovered();
  const shares = await holders();
  expect(shares.length, `workspaces held: ${shares.join(', ')}`).toBeGreaterThan(1);

  const [doomed, ...alive] = nodes as [ServerProcess, ...ServerProcess[]];
  const writing = writeOn(alive);
  await doomed.end('SIGKILL');
  await writing;
  await writeOn(alive);
  const took = await recovered();
  expect(took).toBeLessThan(RECOVERED_MS);

  await Promise.all(alive.map((node) => node.end('SIGTERM')));
  const live = await dumpReadModels(test.database.projector);
  await rebuild(test.database.projector, projections);
  expect(await dumpReadModels(test.database.projector)).toEqual(live);
  expect(live['pipeline_board']).toHaveLength(WORKSPACES * ROUNDS * DEALS);
});
