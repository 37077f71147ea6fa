import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projections } from '../../../projections/registry.ts';
import { openDatabase } from '../../../src/server/database/pool.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import { openRest, type RestBench } from '../../support/rest.ts';

let bench: RestBench;
let mine: Uuid;
let theirs: Uuid;
beforeAll(async () => {
  bench = await openRest();
  mine = bench.me.workspace.id;
  await bench.ok(201, 'POST', '/api/deals', { name: 'Mine' });
  const stranger = await bench.stranger();
  const made = await stranger('POST', '/api/deals', { name: 'Theirs' });
  expect(made.statusCode).toBe(201);
  theirs = (await stranger('GET', '/api/me')).json<{ workspace: { id: Uuid } }>().workspace.id;
  await bench.projector.idle();
});
afterAll(() => bench[Symbol.asyncDispose]());

interface Guarded {
  readonly name: string;
  readonly owner: string;
  readonly served: boolean;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly policies: readonly string[];
}

// What PostgreSQL knows, not what we remember of it: a table that somebody adds tomorrow is in it.
const GUARDED = `
select format('%s.%s', n.nspname, c.relname) as name, pg_get_userbyid(c.relowner) as owner,
       has_table_privilege('leadzen_app', c.oid, 'select') as served, c.relrowsecurity as enabled,
       c.relforcerowsecurity as forced,
       array(select format('%s %s', p.polname, p.polroles::regrole[]) from pg_policy p where p.polrelid = c.oid order by 1) as policies
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
   and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped)
 order by 1`;

const guarded = async (): Promise<Guarded[]> => (await bench.test.test.database.owner.query<Guarded>(GUARDED)).rows;

const ONE = 'one_workspace {leadzen_app}';
const faultsOf = ({ name, owner, enabled, forced, policies }: Guarded): string[] => [
  ...(enabled ? [] : [`${name}: row-level security is off`]),
  ...(forced ? [] : [`${name}: its owner is not bound`]),
  ...(owner === 'leadzen_app' ? [`${name}: who serves owns it`] : []),
  ...(policies.includes(ONE) ? [] : [`${name}: no policy for who serves`]),
  ...policies.filter((policy) => policy !== ONE && policy.includes('leadzen_app')),
];

describe('every table with a workspace', () => {
  test('has its policies, forced, and an owner that does not serve', async () => {
    const tables = await guarded();
    expect(tables.length).toBeGreaterThan(18 + projections.length);
    expect(tables.flatMap(faultsOf)).toEqual([]);
  });

  test('has them after a rebuild too, and while it goes on', async () => {
    const seen: Guarded[] = [];
    const { projector } = bench.test.test.database;
    const watching: Promise<unknown>[] = [];
    await rebuild(projector, projections, {
      onProgress: () => watching.push(guarded().then((tables) => seen.push(...tables))),
    });
    await Promise.all(watching);
    const shadows = seen.filter(({ name }) => name.endsWith('_rebuild'));
    expect(shadows.length).toBeGreaterThan(0);
    // COPY fills them, which needs an owner that is not bound yet.
    expect(shadows.map((table) => ({ ...table, forced: true })).flatMap(faultsOf)).toEqual([]);
    expect((await guarded()).flatMap(faultsOf)).toEqual([]);
  });

  test('would be found without', async () => {
    const { owner } = bench.test.test.database;
    await owner.query('alter table scope disable row level security; create table loose (workspace_id uuid)');
    expect((await guarded()).flatMap(faultsOf)).toEqual([
      'public.loose: row-level security is off',
      'public.loose: its owner is not bound',
      'public.loose: no policy for who serves',
      'public.scope: row-level security is off',
    ]);
    await owner.query('alter table scope enable row level security; drop table loose');
  });
});

interface Count {
  readonly name: string;
  readonly all: number;
  readonly foreign: number;
}

/** Rows that a connection sees, by table, with no condition at all; only the tables that it sees something of. */
const seenBy = async (query: (sql: string) => Promise<pg.QueryResult>, own: Uuid): Promise<Count[]> => {
  const counts: Count[] = [];
  for (const { name, served } of await guarded()) {
    if (!served) continue;
    const sql = `select count(*) as all, count(*) filter (where workspace_id <> '${own}') as foreign from ${name}`;
    const { rows } = await query(sql);
    counts.push({ name, ...(rows[0] as Omit<Count, 'name'>) });
  }
  return counts.filter(({ all }) => all > 0);
};

describe('the serving role', () => {
  test('sees nothing without a workspace', async () => {
    const { app } = bench.test.test.database;
    expect(await seenBy((sql) => app.outside.query(sql), mine)).toEqual([]);
  });

  test('sees the rows of its workspace and of no other', async () => {
    const { app } = bench.test.test.database;
    for (const workspaceId of [mine, theirs]) {
      const seen = await seenBy((sql) => app.for(workspaceId).query(sql), workspaceId);
      expect(seen.length).toBeGreaterThan(12);
      expect(seen.filter(({ foreign }) => foreign > 0)).toEqual([]);
    }
  });

  test('sees them on a connection that has just served another, whatever became of its transaction', async () => {
    const database = openDatabase(bench.test.test.url, { appConnections: 1 });
    const { app } = database;
    const COUNT = `select count(*) filter (where workspace_id = '${mine}') as mine, count(*) filter (where workspace_id = '${theirs}') as theirs from stream`;
    const counts = async (workspaceId: Uuid | null) => {
      const connections = workspaceId === null ? app.outside : app.for(workspaceId);
      const { rows } = await connections.query<{ mine: number; theirs: number }>(COUNT);
      return [Math.sign(rows[0]?.mine ?? -1), Math.sign(rows[0]?.theirs ?? -1)];
    };
    try {
      for (let round = 0; round < 3; round += 1) {
        expect(await counts(mine)).toEqual([1, 0]);
        expect(await counts(theirs)).toEqual([0, 1]);
        expect(await counts(null)).toEqual([0, 0]);
        const client = await app.for(mine).connect();
        await client.query('begin');
        await client.query('select 1');
        await client.query('rollback');
        client.release();
        expect(await counts(theirs)).toEqual([0, 1]);
        await expect(app.for(mine).query('select 1 / 0')).rejects.toThrow('division by zero');
        expect(await counts(null)).toEqual([0, 0]);
      }
    } finally {
      await database.close();
    }
  });

  test('cannot write a row of another workspace', async () => {
    const { app } = bench.test.test.database;
    const insert = 'insert into scope (workspace_id, scope_id) values ($1, gen_random_uuid())';
    await expect(app.for(mine).query(insert, [theirs])).rejects.toThrow('row-level security');
    await expect(app.outside.query(insert, [mine])).rejects.toThrow('row-level security');
    const { rowCount } = await app.for(mine).query('update stream set version = 99 where workspace_id = $1', [theirs]);
    expect(rowCount).toBe(0);
  });

  test('reads through the views of analysts what it may read of the tables', async () => {
    const { app } = bench.test.test.database;
    expect((await app.outside.query('select from crm.deal')).rowCount).toBe(0);
    const { rows } = await app.for(mine).query<{ name: string }>('select name from crm.deal');
    expect(rows).toEqual([{ name: 'Mine' }]);
  });
});

test('the projector sees all workspaces, the owner of the log too, and neither by being an owner', async () => {
  const { projector, owner } = bench.test.test.database;
  for (const pool of [projector, owner]) {
    const { rows } = await pool.query<{ n: number }>('select count(distinct workspace_id) as n from event');
    expect(rows[0]?.n).toBeGreaterThanOrEqual(2);
  }
});
