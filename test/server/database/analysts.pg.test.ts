import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addAnalyst,
  AnalystRefused,
  listAnalysts,
  removeAnalyst,
} from '../../../src/server/database/analysts/logins.ts';
import { ANALYST_LIMITS, enforceLimits } from '../../../src/server/database/analysts/watch.ts';
import { DATABASE_ROLES } from '../../../src/server/database/connection.ts';
import { migrate } from '../../../src/server/database/migrate.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import { openEmptyDatabase } from '../../support/database.ts';
import { openRest, type RestBench } from '../../support/rest.ts';

// The words of the other workspace: no answer of an analyst may hold one, and no error either.
const CANARY = 'canary';

let bench: RestBench;
let mine: Uuid;
let theirs: Uuid;
const logins: { workspaceId: Uuid; login: string; password: string }[] = [];

const newAnalyst = async (personalData = false) => {
  const made = await addAnalyst(bench.test.test.url, { workspaceId: mine, label: 'BI', personalData });
  logins.push({ workspaceId: mine, ...made });
  return made;
};

const connect = async ({ login, password }: { login: string; password: string }): Promise<pg.Client> => {
  const url = Object.assign(new URL(bench.test.test.url), { username: login, password }).href;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  return client;
};

let plain: Awaited<ReturnType<typeof newAnalyst>>;
let client: pg.Client;

beforeAll(async () => {
  bench = await openRest();
  mine = bench.me.workspace.id;
  await bench.ok(201, 'POST', '/api/deals', { name: 'My deal' });
  await bench.ok(201, 'POST', '/api/contacts', { name: 'Grace', emails: [{ value: 'grace@example.com' }] });
  const stranger = await bench.stranger();
  theirs = (await stranger('GET', '/api/me')).json<{ workspace: { id: Uuid } }>().workspace.id;
  const lead = { name: `${CANARY} lead`, companyName: `${CANARY} company`, source: CANARY };
  for (const [path, body] of [
    ['leads', lead],
    ['contacts', { name: `${CANARY} contact`, title: CANARY }],
    ['companies', { name: `${CANARY} company`, domain: 'canary.example' }],
    ['deals', { name: `${CANARY} deal`, source: CANARY, amountMinor: 424_242, currency: 'EUR' }],
  ] as const) {
    expect((await stranger('POST', `/api/${path}`, body)).statusCode).toBe(201);
  }
  await bench.projector.idle();
  plain = await newAnalyst();
  client = await connect(plain);
});
afterAll(async () => {
  await client.end();
  for (const { workspaceId, login } of logins)
    await removeAnalyst(bench.test.test.url, workspaceId, login).catch(() => undefined);
  await bench[Symbol.asyncDispose]();
});

const textOf = (error: unknown): string =>
  error instanceof pg.DatabaseError
    ? JSON.stringify([error.message, error.code, error.detail, error.hint, error.where])
    : String(error);

/** All that comes back, rows and errors alike; each attempt begins anew. */
const attempt = async (sql: string): Promise<string> => {
  await client.query('rollback');
  try {
    const answers = await client.query(sql);
    return JSON.stringify(Array.isArray(answers) ? answers.map(({ rows }: pg.QueryResult) => rows) : answers.rows);
  } catch (error) {
    return textOf(error);
  } finally {
    await client.query('rollback; reset all; discard plans').catch(() => undefined);
  }
};

describe('the login of an analyst', () => {
  test('reads every view, and of each the rows of its workspace', async () => {
    const { rows } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'crm'::regnamespace and relkind = 'v'`,
    );
    expect(rows.length).toBeGreaterThan(12);
    for (const { name } of rows) {
      const seen = await client.query<{ workspace_id: Uuid }>(`select * from crm.${name}`);
      expect(seen.rows.filter((row) => row.workspace_id !== mine)).toEqual([]);
    }
    expect((await client.query('select name from deal')).rows).toEqual([{ name: 'My deal' }]);
  });

  test('sees what is about people only where that was granted', async () => {
    const sql = 'select name, email, company_id is null as free from crm.contact';
    expect((await client.query(sql)).rows).toEqual([{ name: null, email: null, free: true }]);
    const trusted = await connect(await newAnalyst(true));
    expect((await trusted.query(sql)).rows).toEqual([{ name: 'Grace', email: 'grace@example.com', free: true }]);
    await trusted.end();
  });

  test('is listed by the name that people gave it, and tells nothing by its own', async () => {
    const listed = await listAnalysts(bench.test.test.database.owner, mine);
    expect(listed).toContainEqual(expect.objectContaining({ login: plain.login, label: 'BI', personalData: false }));
    expect(plain.login).toMatch(/^lz_[0-9a-f]{16}$/);
    expect(await listAnalysts(bench.test.test.database.owner, theirs)).toEqual([]);
  });

  test('plans one lookup of its workspace a statement', async () => {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>('explain select * from crm.deal');
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/InitPlan/);
    expect(plan).not.toMatch(/Filter:.*analyst_workspace\(\)/);
  });
});

const DEALS = 'select * from crm.deal';

type Attempts = readonly (readonly [what: string, sql: (their: Uuid) => string])[];

// What PostgreSQL refuses.
const REFUSED: Attempts = [
  ['set_config for the transaction', (id) => `select set_config('leadzen.workspace_id', '${id}', true); ${DEALS}`],
  ['set_config for the session', (id) => `select set_config('leadzen.workspace_id', '${id}', false); ${DEALS}`],
  ['set role to who serves', () => `set role leadzen_app; ${DEALS}`],
  ['set role to the projector', () => `set role leadzen_projector; ${DEALS}`],
  ['set role to the owner', () => 'set role leadzen_owner; select * from login'],
  ['set role to the watch', () => 'set role leadzen_watch; select * from analyst'],
  ['set session authorization', () => `set session authorization leadzen_app; ${DEALS}`],
  ['base tables of the read models', () => 'select * from read_model.deal_v3'],
  ['base tables of the log', () => 'select * from public.event'],
  ['the states of streams', () => 'select * from public.stream'],
  ['logins', () => 'select * from public.login'],
  ['keys', () => 'select * from public.signing_key'],
  ['the list of analysts', () => 'select * from public.analyst'],
  ['what a security definer function finds', () => `select * from public.find_login('ada@example.com')`],
  ['another one', () => 'select * from public.live_roles(array[]::uuid[], array[]::uuid[])'],
  ['the append', () => `select public.append_events(null, null, null, null, null, null, null, null, null, null, null)`],
  ['policies made anew', () => `select public.isolate('crm.deal')`],
  ['a function of its own', () => `create function crm.f() returns text language sql as 'select 1'`],
  ['a temporary function', () => `create function pg_temp.f() returns text language sql as 'select 1'`],
  [
    'a security definer of its own',
    () => `create function f() returns int language sql security definer as 'select 1'`,
  ],
  ['an anonymous block', () => `do $$ begin perform 1; end $$`],
  ['a temporary table', () => 'create temporary table t (a int)'],
  ['a table from a query', () => `select * into temporary t from crm.deal`],
  ['a view of its own', () => 'create view crm.v as select * from read_model.deal_v3'],
  ['a temporary view', () => 'create temporary view v as select * from crm.deal'],
  ['copy of a base table', () => 'copy read_model.deal_v3 to stdout'],
  ['copy to a program', () => `copy (select 1) to program 'cat'`],
  ['copy to a file', () => `copy (select 1) to '/tmp/leadzen-analyst'`],
  ['copy from a file', () => `copy crm.deal from '/etc/passwd'`],
  ['reading a file', () => `select pg_read_file('/etc/passwd')`],
  ['listing a folder', () => `select * from pg_ls_dir('.')`],
  ['a large object', () => 'select lo_create(0)'],
  ['a large object from bytes', () => `select lo_from_bytea(0, '\\x00')`],
  ['importing a file', () => `select lo_import('/etc/passwd')`],
  ['an extension', () => 'create extension dblink'],
  ['a foreign server', () => `create server s foreign data wrapper postgres_fdw`],
  ['a schema', () => 'create schema mine'],
  ['an insert', () => `insert into crm.deal (name) values ('x')`],
  ['an insert in a transaction that writes', () => `begin read write; insert into crm.team (name) values ('x')`],
  ['an update', () => `update crm.deal set name = 'x'`],
  ['a delete', () => 'delete from crm.deal'],
  ['a truncate', () => 'truncate crm.deal'],
  ['a lock that writers feel', () => 'begin; lock table crm.deal in access exclusive mode'],
  ['a row lock', () => `${DEALS} for update`],
  ['an advisory lock', () => 'select pg_advisory_lock(5323399203)'],
  ['an advisory lock of a transaction', () => 'select pg_advisory_xact_lock(5323399204)'],
  ['an advisory lock by trying', () => 'select pg_try_advisory_lock(5323399205)'],
  ['sleeping', () => 'select pg_sleep(60)'],
  ['sleeping until', () => `select pg_sleep_until(now() + interval '1 minute')`],
  ['notifying by a function', () => `select pg_notify('leadzen_log', 'x')`],
  ['writing to the write-ahead log', () => `select pg_logical_emit_message(false, 'a', 'b')`],
  ['exporting a snapshot', () => 'begin isolation level repeatable read; select pg_export_snapshot()'],
  [
    'ending sessions of the server',
    () => `select pg_terminate_backend(pid) from pg_stat_activity where usename <> session_user`,
  ],
  ['a setting for all its sessions', () => `alter role current_user set role = 'leadzen_app'`],
  ['more connections', () => 'alter role current_user connection limit 100'],
  ['making itself a superuser', () => 'alter role current_user superuser'],
  ['joining the serving role', () => 'grant leadzen_app to current_user'],
  ['raw statistics', () => 'select * from pg_statistic'],
  ['password hashes', () => 'select * from pg_authid'],
  ['a base table as XML', () => `select table_to_xml('read_model.deal_v3', true, false, '')`],
  ['a query as XML', () => `select query_to_xml('select * from read_model.lead_v3', true, false, '')`],
  ['another search path', () => 'set search_path = read_model, public, crm; select * from deal_v3'],
  ['operators of its own', () => `create operator crm.=== (leftarg = text, rightarg = text, function = texteq)`],
  ['a cast of its own', () => 'create cast (text as uuid) with inout as implicit'],
  ['a rule', () => 'create rule r as on select to crm.deal do instead select 1'],
  [
    'a trigger',
    () => 'create trigger t before insert on crm.deal execute function suppress_redundant_updates_trigger()',
  ],
  ['replication', () => `select pg_create_logical_replication_slot('s', 'pgoutput')`],
  ['two-phase commit', () => `begin; select 1; prepare transaction 'x'`],
];

// What it answers, with what is the analyst's own or with nothing: whoever signed in decides, and no setting.
const ANSWERED: Attempts = [
  ['set the workspace of the serving role', (id) => `set leadzen.workspace_id = '${id}'; ${DEALS}`],
  ['set local', (id) => `begin; set local leadzen.workspace_id = '${id}'; ${DEALS}`],
  ['row_security off', () => `set row_security = off; ${DEALS}`],
  ['set role to the group of analysts', () => `set role leadzen_analyst; ${DEALS}`],
  ['reset role', () => `reset role; ${DEALS}`],
  ['reset session authorization', () => `reset session authorization; ${DEALS}`],
  ['discard all', () => 'discard all'],
  ['the other workspace by its id', (id) => `${DEALS} where workspace_id = '${id}'`],
  ['no condition but true', () => `${DEALS} where true or workspace_id is not null`],
  ['copy of a view', () => 'copy crm.deal to stdout'],
  ['statistics of columns', () => `select * from pg_stats where schemaname in ('read_model', 'public')`],
  ['extended statistics', () => 'select * from pg_stats_ext'],
  ['statements of others', () => 'select * from pg_stat_activity'],
  ['prepared transactions', () => 'select * from pg_prepared_xacts'],
  ['cursors and statements', () => 'select * from pg_cursors; select * from pg_prepared_statements'],
  ['mappings of users', () => 'select * from pg_user_mappings'],
  ['a whole table as XML', () => `select table_to_xml('crm.deal', true, false, '')`],
  ['the schema as XML', () => `select schema_to_xml('read_model', true, false, '')`],
  ['the database as XML', () => `select database_to_xml(true, false, '')`],
  ['an error that quotes a value', () => `select name::integer from crm.deal where name like '${CANARY}%'`],
  [
    'an error in the condition',
    () => 'select 1 from crm.deal where 1 / (case when amount_minor = 424242 then 0 else 1 end) = 1',
  ],
  ['a cast in the condition', () => `${DEALS} where (name || source)::uuid is not null and name <> 'My deal'`],
  ['a regular expression', () => `${DEALS} where name ~ '^${CANARY.slice(0, 3)}' || 'ary'`],
  ['a join that must leak', () => 'select a.name from crm.deal a full join crm.contact b on a.name > b.name'],
  ['a lateral and a whole row', () => 'select to_json(d), d::text from crm.deal d, lateral (select d.*) e'],
  ['all of it aggregated', () => `select string_agg(coalesce(name, '') || coalesce(source, ''), ',') from crm.lead`],
  ['the history', () => 'select * from crm.deal_history'],
  ['how samples are taken', () => `select * from crm.deal tablesample system (100)`],
  ['hidden columns', () => 'select ctid, xmin, tableoid, * from crm.deal'],
  [
    'the tables behind, by their number',
    () => `select pg_get_viewdef('crm.deal'::regclass), relname from pg_class where relname like 'deal%'`,
  ],
  ['a plan with values', () => `explain (analyze, verbose) ${DEALS} where name = '${CANARY} deal'`],
  [
    'planner settings',
    () => `set enable_indexscan = off; set enable_seqscan = on; set debug_parallel_query = on; ${DEALS}`,
  ],
  ['a prepared statement', () => `prepare p as ${DEALS}; set leadzen.workspace_id = 'x'; execute p; deallocate p`],
];

describe('an analyst who tries', () => {
  test.each([...REFUSED, ...ANSWERED])('%s gets nothing of another workspace', async (what, sql) => {
    const text = sql(theirs);
    const answer = await attempt(text);
    // What the attempt says itself comes back in plans and errors; what was stored must not.
    const quoted = text.includes(CANARY) ? /canary (lead|contact|company)|canary\.example|"position"/ : /canary|424242/;
    expect(`${what}: ${answer}`).not.toMatch(quoted);
    expect(await attempt(DEALS)).toContain('My deal');
  });

  const DENIED = /permission denied|must be|cannot|read-only|not allowed|does not exist|only|disabled|invalid/i;
  test.each(REFUSED)('%s is told no', async (_what, sql) => {
    expect(await attempt(sql(theirs))).toMatch(DENIED);
  });

  test('learns of no statement of the server', async () => {
    await bench.test.test.database.owner.query(`select '${CANARY}'`);
    const { rows } = await client.query(
      `select query, usename from pg_stat_activity where query <> '' and pid <> pg_backend_pid()`,
    );
    expect(rows.filter(({ query }) => query !== '<insufficient privilege>' && !String(query).includes('crm.'))).toEqual(
      [],
    );
  });
});

describe('the watch', () => {
  const enforce = (changes: Partial<typeof ANALYST_LIMITS> = {}) =>
    enforceLimits(bench.test.test.database.watch, { ...ANALYST_LIMITS, ...changes }, true);
  const until = async (settled: Promise<string>, changes: Partial<typeof ANALYST_LIMITS>): Promise<string> => {
    const patience = AbortSignal.timeout(20_000);
    let result: string | undefined;
    void settled.then((text) => (result = text));
    while (result === undefined && !patience.aborted) {
      await enforce(changes);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return result ?? 'it went on';
  };
  const run = (session: pg.Client, sql: string): Promise<string> =>
    session.query(sql).then(() => 'it ended by itself', textOf);

  test('cancels a statement that switched its own limit off', async () => {
    const session = await connect(plain);
    const endless = run(
      session,
      'set statement_timeout = 0; select count(*) from generate_series(1, 1000000000) a, generate_series(1, 1000) b',
    );
    expect(await until(endless, { statementMs: 300 })).toContain('57014');
    expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await session.end();
  });

  test('cancels a recursion without end, and a result without end', async () => {
    const session = await connect(plain);
    const recursion =
      'set statement_timeout = 0; with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r';
    expect(await until(run(session, recursion), { statementMs: 300 })).toMatch(/57014|53400/);
    const big =
      'set statement_timeout = 0; declare c cursor with hold for select repeat(md5(g::text), 30) from generate_series(1, 100000000) g';
    expect(await until(run(session, big), { statementMs: 300 })).toMatch(/57014|53400/);
    await session.end();
  });

  test('ends a transaction that holds a cursor open', async () => {
    const session = await connect(plain);
    const ended = new Promise<string>((resolve) => session.on('error', (error) => resolve(textOf(error))));
    await session.query(
      'set idle_in_transaction_session_timeout = 0; begin; declare c cursor for select * from crm.deal; fetch 1 from c',
    );
    expect(await until(ended, { transactionMs: 300 })).toMatch(/57P01|terminat/);
  });

  test('ends a session whose memory outgrows its share', async () => {
    const session = await connect(plain);
    const large = run(
      session,
      `set statement_timeout = 0; set work_mem = '2GB'; select count(*) from (select array_agg(repeat('x', 1000) || g) from generate_series(1, 100000000) g) t`,
    );
    const local = (
      await bench.test.test.database.owner.query<{ on: boolean }>(`select inet_server_addr() is null as on`)
    ).rows[0];
    const limit = local?.on === true ? { memoryBytes: 100 * 1024 * 1024 } : { statementMs: 1000 };
    expect(await until(large, limit)).toMatch(/57P01|terminat|57014/);
    await session.end().catch(() => undefined);
  });

  test('ends idle sessions, and those that are too many', async () => {
    const [one, two] = [await connect(plain), await connect(plain)];
    const gone = (session: pg.Client) => new Promise<string>((resolve) => session.on('end', () => resolve('gone')));
    expect(await until(gone(two), { connections: 2 })).toBe('gone');
    expect((await one.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    const idle = gone(one);
    const other = await connect(await newAnalyst());
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await until(idle, { idleMs: 50 })).toBe('gone');
    await other.end().catch(() => undefined);
    client = await connect(plain);
  });

  test('leaves alone whoever keeps to the limits, and everybody who is no analyst', async () => {
    await client.query('select 1');
    const { app } = bench.test.test.database;
    const waiting = app.for(mine).query(`select 1 from pg_sleep(0.5)`);
    expect(await enforce()).toEqual([]);
    await waiting;
  });
});

describe('a login', () => {
  test('has three connections', async () => {
    const made = await newAnalyst();
    const sessions = await Promise.all([connect(made), connect(made), connect(made)]);
    await expect(connect(made)).rejects.toThrow(/too many connections/);
    await Promise.all(sessions.map((session) => session.end()));
  });

  test('that is removed is out at once and for good', async () => {
    const made = await newAnalyst();
    const session = await connect(made);
    const ended = new Promise<void>((resolve) => session.on('end', () => resolve()));
    await removeAnalyst(bench.test.test.url, mine, made.login);
    await ended;
    await expect(connect(made)).rejects.toThrow(/authentication failed|does not exist/);
  });

  test('is not removed by way of another workspace', async () => {
    await expect(removeAnalyst(bench.test.test.url, theirs, plain.login)).rejects.toThrow(AnalystRefused);
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

describe('a server whose own login is no superuser', () => {
  test('says what a superuser has to run first, and then makes logins', async () => {
    await using empty = await openEmptyDatabase();
    const name = `lz_test_${randomBytes(6).toString('hex')}`;
    const superuser = new pg.Client({ connectionString: empty.url });
    await superuser.connect();
    const roles = DATABASE_ROLES.join(', ');
    const database = new URL(empty.url).pathname.slice(1);
    await superuser.query(`create role ${name} login createrole password 'secret'; grant ${roles} to ${name} with admin option;
      alter database ${database} owner to ${name}`);
    const url = Object.assign(new URL(empty.url), { username: name, password: 'secret' }).href;
    await migrate(url);
    const wanted = { workspaceId: mine, label: 'BI', personalData: false };
    const told = await addAnalyst(url, wanted).then(
      () => '',
      (error: Error) => error.message,
    );
    const [sentence = '', ...statements] = told.split('\n');
    expect(sentence).toContain('Let a superuser run');
    expect(told).toMatch(/revoke execute on function pg_catalog\.pg_sleep/);
    for (const statement of statements) await superuser.query(statement);
    const made = await addAnalyst(url, wanted);
    expect(await connect(made).then((session) => session.end())).toBeUndefined();
    await removeAnalyst(url, mine, made.login);
    await superuser.query(`alter database ${database} owner to current_user; drop owned by ${name}; drop role ${name}`);
    await superuser.end();
  });
});
