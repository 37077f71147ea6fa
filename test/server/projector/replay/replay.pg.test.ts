import { v7 as uuidv7 } from 'uuid';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crmViews, projections } from '../../../../projections/registry.ts';
import { addAnalyst, removeAnalyst } from '../../../../src/server/database/analysts/logins.ts';
import { buildReplay } from '../../../../src/server/projector/replay/build-replay.ts';
import { diffReplay } from '../../../../src/server/projector/replay/diff-replay.ts';
import { dropReplay } from '../../../../src/server/projector/replay/drop-replay.ts';
import { listReplays, type Replay } from '../../../../src/server/projector/replay/replay-notes.ts';
import { ReplayRefused } from '../../../../src/server/projector/replay/replay-refused.ts';
import { keyOf, viewName } from '../../../../src/server/projector/tables.ts';
import type { Role } from '../../../../src/shared/contract/events/user.ts';
import { must } from '../../../../src/shared/base/assert.ts';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import type { RestBench } from '../../../support/rest.ts';
import { openRest } from '../../../support/rest.ts';
import { clockAt, proposed, statuses } from '../../../support/workspace.ts';

let bench: RestBench;
let mine: Uuid;
let theirs: Uuid;
let deal: string;
let company: string;
const logins: { readonly workspaceId: Uuid; readonly login: string }[] = [];

const database = () => bench.test.test.database;
const tables = projections.flatMap((projection) => projection.tables);

const headOf = async (workspaceId: Uuid): Promise<number> => {
  const { rows } = await database().owner.query<{ head: number }>(
    'select head from workspace where workspace_id = $1',
    [workspaceId],
  );
  return must(rows[0], 'the workspace is there').head;
};

/** Every row of a workspace in the views of a schema, as text. */
const dump = async (schema: string): Promise<Record<string, string[]>> => {
  const found: Record<string, string[]> = {};
  for (const table of tables) {
    const { rows } = await database().projector.query<{ line: string }>(
      `select r::text as line from ${viewName(table, schema)} r where workspace_id = $1 order by ${keyOf(table).join(', ')}`,
      [mine],
    );
    found[table.name] = rows.map(({ line }) => line);
  }
  return found;
};

const build = async (schema: string, position: number, changes: { role?: Role; workspaceId?: Uuid } = {}) => {
  const order = {
    workspaceId: mine,
    userId: bench.me.user.id,
    role: 'auditor' as const,
    asked: String(position),
    position,
    moment: new Date().toISOString(),
    schema,
    ...changes,
  };
  await buildReplay(database(), order, { newId: uuidv7, threads: 0, onFolded: () => {} });
  return noted(schema);
};

const noted = async (schema: string): Promise<Replay> =>
  must((await listReplays(database().owner, mine)).find((replay) => replay.schema === schema) ?? null, schema);

const connect = async (workspaceId: Uuid, personalData: boolean): Promise<pg.Client> => {
  const { login, password } = await addAnalyst(bench.test.test.url, { workspaceId, label: 'BI', personalData });
  logins.push({ workspaceId, login });
  const url = Object.assign(new URL(bench.test.test.url), { username: login, password }).href;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  return client;
};

/** A change of the deal and a lead that a phone made a month before it found a network. */
const uploadLate = async (name: string): Promise<void> => {
  const principal = {
    workspaceId: mine,
    userId: bench.me.user.id,
    deviceId: bench.me.deviceId,
    role: 'admin' as const,
  };
  const at = clockAt(new Date(Date.now() - 30 * 86_400_000).toISOString(), principal.deviceId);
  const change = { ...proposed(principal, 'DealDetailsChanged', deal, { name }), at, basedOn: 1 };
  const created = { ...proposed(principal, 'LeadCreated', uuidv7(), { name: 'Late' }), at };
  const { results } = await bench.test.push.events(principal, [change, created]);
  expect(statuses(results)).toEqual(['merged', 'accepted']);
  await bench.projector.idle();
};

let before: number;
let live: Record<string, string[]>;
let first: Replay;

beforeAll(async () => {
  bench = await openRest();
  mine = bench.me.workspace.id;
  company = String((await bench.ok(201, 'POST', '/api/companies', { name: 'Acme' }))['id']);
  await bench.ok(201, 'POST', '/api/contacts', { name: 'Grace', companyId: company });
  const made = await bench.ok(201, 'POST', '/api/deals', { name: 'Deal', amountMinor: 100, currency: 'EUR' });
  deal = String(made['id']);
  await bench.ok(200, 'PATCH', `/api/deals/${deal}`, { amountMinor: 900, currency: 'EUR' });
  const stranger = await bench.stranger();
  expect((await stranger('POST', '/api/deals', { name: 'canary' })).statusCode).toBe(201);
  theirs = (await stranger('GET', '/api/me')).json<{ workspace: { id: Uuid } }>().workspace.id;
  await bench.projector.idle();
  before = await headOf(mine);
  live = await dump('crm');
  first = await build('as_of_first', before);
});
afterAll(async () => {
  for (const { workspaceId, login } of logins) await removeAnalyst(bench.test.test.url, workspaceId, login);
  await bench[Symbol.asyncDispose]();
});

describe('the read models as of a moment', () => {
  test('are those that crm had at the time, every row and byte', async () => {
    expect(await dump('as_of_first')).toEqual(live);
    expect(live['deal']).toHaveLength(1);
    expect(first.rows).toBe(Object.values(live).flat().length);
  });

  test('are the same bytes for ever, however late phones upload', async () => {
    await uploadLate('Renamed late');
    await bench.ok(200, 'PATCH', `/api/deals/${deal}`, { name: 'Renamed' });
    await bench.projector.idle();
    const again = await build('as_of_again', before);
    expect(await dump('as_of_again')).toEqual(live);
    expect(again.sha256).toBe(first.sha256);
    expect(await dump('crm')).not.toEqual(live);
    expect((await build('as_of_later', await headOf(mine))).sha256).not.toBe(first.sha256);
  });

  test('hold what the server knew at each earlier position, and nothing before the first', async () => {
    await build('as_of_nothing', 0);
    expect(Object.values(await dump('as_of_nothing')).flat()).toEqual([]);
    const { rows } = await database().owner.query<{ position: number }>(
      `select position from event where workspace_id = $1 and stream_id = $2 and version = 1`,
      [mine, deal],
    );
    await build('as_of_creation', must(rows[0], 'the deal was created').position);
    const amounts = await database().projector.query('select amount_minor from as_of_creation.deal');
    expect(amounts.rows).toEqual([{ amount_minor: 100 }]);
  });

  test('have the comments of crm on every table and column', async () => {
    const comments = async (schema: string) =>
      (
        await database().projector.query(
          `select c.relname, a.attname, obj_description(c.oid) as told, col_description(c.oid, a.attnum) as column
             from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            where c.relnamespace = $1::regnamespace order by 1, 2`,
          [schema],
        )
      ).rows;
    // What jobs note is no read model.
    const kept = new Set<unknown>([...tables, ...crmViews].map(({ name }) => name));
    const expected = (await comments('crm')).filter(({ relname }) => kept.has(relname));
    expect(await comments('as_of_first')).toEqual(expected);
    expect(new Set(expected.map(({ relname }) => relname))).toEqual(
      new Set([...tables, ...crmViews].map(({ name }) => name)),
    );
  });
});

describe('an analyst', () => {
  test('reads the rows of his workspace there, personal ones where they were granted, and changes nothing', async () => {
    const plain = await connect(mine, false);
    const trusted = await connect(mine, true);
    expect((await plain.query('select name, company_id from as_of_first.contact')).rows).toEqual([
      { name: null, company_id: company },
    ]);
    expect((await trusted.query('select name from as_of_first.contact')).rows).toEqual([{ name: 'Grace' }]);
    expect((await plain.query('select name from as_of_first.account_activity')).rows).toEqual([{ name: 'Acme' }]);
    await expect(plain.query('delete from as_of_first.deal')).rejects.toThrow(/read-only|denied/);
    await expect(trusted.query(`select record from read_model.contact_v1${first.suffix}`)).rejects.toThrow(/denied/);
    await plain.end();
    await trusted.end();
  });

  test('of another workspace finds none of its rows', async () => {
    const stranger = await connect(theirs, true);
    for (const { name } of [...tables, ...crmViews]) {
      expect((await stranger.query(`select * from as_of_first.${name}`)).rows).toEqual([]);
    }
    await stranger.end();
  });

  test('of neither sees a row of another workspace in what was built, and no table without a policy', async () => {
    const { rows } = await database().projector.query<{ name: string; forced: boolean; count: string }>(
      `select relname as name, relforcerowsecurity and relrowsecurity as forced from pg_class
        where relnamespace = 'read_model'::regnamespace and relkind = 'r' and relname like '%${first.suffix}'`,
    );
    expect(rows).toHaveLength(tables.length);
    for (const { name, forced } of rows) {
      expect(forced).toBe(true);
      const others = await database().projector.query(`select from read_model.${name} where workspace_id <> $1`, [
        mine,
      ]);
      expect(others.rowCount).toBe(0);
    }
  });
});

test('what differs today is named by table, row and column, within bounds and with totals', async () => {
  const today = await diffReplay(database(), await noted('as_of_later'), 20);
  expect(today).toMatchObject({ today: await headOf(mine), tables: [] });
  const { tables: found } = await diffReplay(database(), first, 20);
  const byTable = Object.fromEntries(found.map((table) => [table.table, table]));
  expect(byTable['deal']).toMatchObject({ totals: { added: 0, removed: 0, changed: 1 } });
  expect(byTable['deal']?.rows).toEqual([
    { change: 'changed', key: { id: deal }, columns: ['name', 'version', 'position', 'updated_at'] },
  ]);
  expect(byTable['lead']?.totals).toEqual({ added: 1, removed: 0, changed: 0 });
  expect(byTable['lead']?.rows).toEqual([{ change: 'added', key: expect.anything(), columns: [] }]);
  await bench.call('DELETE', `/api/companies/${company}`);
  await bench.projector.idle();
  const gone = (await diffReplay(database(), first, 0)).tables.find(({ table }) => table === 'company');
  expect(gone).toEqual({ table: 'company', totals: { added: 0, removed: 1, changed: 0 }, rows: [] });
});

describe('a replay is refused', () => {
  test.each([
    ['a schema that is there', { schema: 'as_of_first' }, /already: drop it/],
    ['a schema of ours', { schema: 'crm' }, /a schema is called as_of_/],
    ['a name that SQL would read', { schema: 'as_of_x; drop schema crm' }, /a schema is called as_of_/],
    ['a rep', { schema: 'as_of_rep', role: 'rep' as const }, /admin or auditor/],
  ])('%s', async (_what, { schema, ...changes }, message) => {
    await expect(build(schema, before, changes)).rejects.toThrow(ReplayRefused);
    await expect(build(schema, before, changes)).rejects.toThrow(message);
  });
});

test('dropping takes schema and tables away and leaves the note', async () => {
  const replay = await build('as_of_dropped', before);
  await dropReplay(database(), replay);
  const { rows } = await database().projector.query(
    `select relname from pg_class where relname like '%${replay.suffix}%'
     union all select nspname from pg_namespace where nspname = 'as_of_dropped'`,
  );
  expect(rows).toEqual([]);
  const notes = await database().owner.query(
    `select user_id, role, row_count, encode(sha256, 'hex') as sha256, dropped_at is not null as dropped
       from replay where schema_name = 'as_of_dropped'`,
  );
  expect(notes.rows).toEqual([
    { user_id: bench.me.user.id, role: 'auditor', row_count: first.rows, sha256: first.sha256, dropped: true },
  ]);
  expect((await build('as_of_dropped', before)).sha256).toBe(first.sha256);
});

test('one that cannot be folded leaves no table and no schema, and its name is free', async () => {
  const owner = database().owner;
  const head = await headOf(mine);
  await owner.query(
    `update event set data = '{"amountMinor":1.5,"currency":"EUR"}' where stream_id = $1 and version = 2`,
    [deal],
  );
  await expect(build('as_of_broken', head)).rejects.toThrow(`stream ${deal}`);
  const { rows } = await owner.query(
    `select relname from pg_class where relname like '%\\_v_\\_as\\_of\\_%' and relkind = 'r'
        and not exists (select from replay where dropped_at is null and right(relname, length(suffix)) = suffix)`,
  );
  expect(rows).toEqual([]);
  expect((await listReplays(owner, mine)).map(({ schema }) => schema)).not.toContain('as_of_broken');
});
