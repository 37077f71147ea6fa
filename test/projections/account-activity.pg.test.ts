import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAnalyst, removeAnalyst } from '../../src/server/database/analysts/logins.ts';
import { openRest, type Json, type RestBench } from '../support/rest.ts';

const DAY_MS = 86_400_000;

let bench: RestBench;
let login: { readonly login: string; readonly password: string };
let analyst: pg.Client;
const ids: Record<string, string> = {};

const make = async (path: string, body: object): Promise<string> =>
  String((await bench.ok(201, 'POST', `/api/${path}`, body))['id']);

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS - 60_000).toISOString();

const call = (type: string, id: string | undefined, days: number): Promise<string> =>
  make('activities', { kind: 'call', direction: 'out', startedAt: daysAgo(days), about: { type, id } });

beforeAll(async () => {
  bench = await openRest();
  for (const name of ['Untouched', 'By itself', 'By contact', 'By deal', 'Quiet', 'Only planned']) {
    ids[name] = await make('companies', { name });
  }
  const contact = await make('contacts', { name: 'Grace', companyId: ids['By contact'] });
  const deal = await make('deals', { name: 'Deal', companyId: ids['By deal'] });
  await call('company', ids['By itself'], 3);
  await call('company', ids['By itself'], 50);
  await call('contact', contact, 4);
  await call('deal', deal, 5);
  await call('company', ids['Quiet'], 31);
  await make('activities', {
    kind: 'task',
    subject: 'Later',
    dueAt: daysAgo(-3),
    about: { type: 'company', id: ids['Only planned'] },
  });
  const stranger = await bench.stranger();
  expect((await stranger('POST', '/api/companies', { name: 'Theirs' })).statusCode).toBe(201);
  await bench.projector.idle();
  login = await addAnalyst(bench.test.test.url, {
    workspaceId: bench.me.workspace.id,
    label: 'BI',
    personalData: false,
  });
  const { login: username, password } = login;
  analyst = new pg.Client({
    connectionString: Object.assign(new URL(bench.test.test.url), { username, password }).href,
    connectionTimeoutMillis: 10_000,
  });
  await analyst.connect();
});
afterAll(async () => {
  await analyst.end();
  await removeAnalyst(bench.test.test.url, bench.me.workspace.id, login.login);
  await bench[Symbol.asyncDispose]();
});

const ask = async (sql: string): Promise<Json[]> => (await analyst.query<Json>(sql)).rows;

test('an account was touched by what is about it, its contacts or its deals, when that took place', async () => {
  const rows = await ask('select name, activities, quiet_days from crm.account_activity order by name');
  expect(rows.map(({ name, activities, quiet_days }) => [name, Number(activities), quiet_days])).toEqual([
    ['By contact', 1, 4],
    ['By deal', 1, 5],
    ['By itself', 2, 3],
    ['Only planned', 0, 0],
    ['Quiet', 1, 31],
    ['Untouched', 0, 0],
  ]);
});

test('accounts without activity in 30 days are one condition away, and only those of the analyst’s workspace', async () => {
  expect(await ask('select name from crm.account_activity where quiet_days >= 30')).toEqual([{ name: 'Quiet' }]);
  const { rows } = await bench.test.test.database.projector.query('select name from crm.account_activity');
  expect(rows).toHaveLength(7);
});
