import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projections } from '../projections/registry.ts';
import { addAnalyst, removeAnalyst } from '../src/server/database/analysts/logins.ts';
import { tableName } from '../src/server/projector/tables.ts';
import { must } from '../src/shared/base/assert.ts';
import { openRest, type Json, type RestBench } from './support/rest.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/crm.md'), 'utf8');
const queries = [...PAGE.matchAll(/\n(.+):\n\n```sql\n([^`]+)```/g)].map(
  ([, title = '', sql = '']) => [title, sql] as const,
);

const storedAs = (name: string): string => {
  const [found] = projections.flatMap((projection) =>
    projection.tables.filter((table) => table.name === name).map((table) => tableName(projection, table)),
  );
  return must(found ?? null, name);
};

let bench: RestBench;
let analyst: pg.Client;
let login: string;

beforeAll(async () => {
  bench = await openRest();
  await bench.ok(201, 'POST', '/api/companies', { name: 'Acme' });
  for (const name of ['Won', 'Open']) {
    await bench.ok(201, 'POST', '/api/deals', { name, amountMinor: 100, currency: 'EUR' });
  }
  const { items } = await bench.ok(200, 'GET', '/api/deals?sort=name');
  const won = must((items as Json[]).find(({ name }) => name === 'Won') ?? null, 'the deal is listed');
  await bench.ok(200, 'POST', `/api/deals/${won['id']}/win`, {});
  await bench.projector.idle();
  // As if it lay more than a month back, which nobody may tell the log.
  const { projector } = bench.test.test.database;
  for (const [table, column] of [
    ['company', 'created_at'],
    ['deal_history', 'from_recorded_at'],
  ] as const) {
    await projector.query(`update ${storedAs(table)} set ${column} = ${column} - interval '40 days'`);
  }
  const workspaceId = bench.me.workspace.id;
  const made = await addAnalyst(bench.test.test.url, { workspaceId, label: 'BI', personalData: false });
  login = made.login;
  analyst = new pg.Client({
    connectionString: Object.assign(new URL(bench.test.test.url), { username: login, password: made.password }).href,
    connectionTimeoutMillis: 10_000,
  });
  await analyst.connect();
});
afterAll(async () => {
  await analyst.end();
  await removeAnalyst(bench.test.test.url, bench.me.workspace.id, login);
  await bench[Symbol.asyncDispose]();
});

const answerOf = async (word: string): Promise<Json[]> => {
  const [, sql] = must(queries.find(([title]) => title.includes(word)) ?? null, word);
  return (await analyst.query<Json>(sql)).rows;
};

test('the page for analysts has three examples, which answer what their titles say to an analyst', async () => {
  expect(queries).toHaveLength(3);
  expect(await answerOf('without activity')).toMatchObject([{ name: 'Acme', last_activity_at: null, quiet_days: 40 }]);
  expect(await answerOf('Win rate')).toMatchObject([
    { owner_id: bench.me.user.id, won: '1', closed: '1', win_rate: '1.0000' },
  ]);
  expect(await answerOf('a month ago')).toMatchObject([
    { name: expect.stringMatching(/./), currency: 'EUR', deals: '2', amount_minor: '200' },
  ]);
});

test('the page is served to whoever asks', async () => {
  const answer = await bench.test.app.inject({ method: 'GET', url: '/docs/crm' });
  expect(answer).toMatchObject({ statusCode: 200, payload: PAGE });
  expect(answer.headers['content-type']).toBe('text/markdown; charset=utf-8');
});
