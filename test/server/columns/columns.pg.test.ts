import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { projections } from '../../../projections/registry.ts';
import { copiedTables } from '../../../src/server/columns/copied-tables.ts';
import { type Columns, type ColumnsParts, createColumns } from '../../../src/server/columns/columns.ts';
import type { Statements } from '../../../src/server/database/workspace-pool.ts';
import { rebuild } from '../../../src/server/projector/rebuild.ts';
import { type Projector, startProjector } from '../../../src/server/projector/run.ts';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { appendRows, idOf, randomLog } from '../projector/log-rows.ts';

const WORKSPACE = idOf('workspace');
const OTHER = idOf('other workspace');

let database: TestDatabase;
let projector: Projector;
let warnings: string[];
let opened: Columns[];
let clock: number;

const open = (changes: Partial<ColumnsParts> = {}): Columns => {
  const { analytics: pool, copying } = database.database;
  const log = { info: () => {}, warn: (_: object, message: string) => void warnings.push(message) };
  const columns = createColumns({ pool, copying, memoryMb: 256, fromEvents: 1, log, now: () => clock, ...changes });
  opened.push(columns);
  return columns;
};

beforeEach(async () => {
  database = await openTestDatabase();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  projector = await startProjector({ database: database.database, wake: { subscribe: () => () => {} }, log });
  [warnings, opened, clock] = [[], [], Date.now()];
});
afterEach(async () => {
  await Promise.all(opened.map((columns) => columns.close()));
  await projector.stop();
  await database[Symbol.asyncDispose]();
});

const copyOf = async (columns: Columns, workspaceId: Uuid = WORKSPACE): Promise<Statements> => {
  const first = await columns.for(workspaceId);
  if (first !== undefined) return first;
  await columns.loaded(workspaceId);
  const copy = await columns.for(workspaceId);
  if (copy === undefined) throw new Error(`there is no copy: ${warnings.join()}`);
  return copy;
};

const append = async (events: Parameters<typeof appendRows>[2], workspaceId: Uuid = WORKSPACE): Promise<void> => {
  await appendRows(database.database.owner, workspaceId, events);
  await projector.idle();
};

/** Every row of every copied table, as text. */
const rowsIn = async (statements: Statements, workspaceId: Uuid = WORKSPACE): Promise<Record<string, string[]>> => {
  const all: Record<string, string[]> = {};
  for (const { name, columns, where } of copiedTables) {
    const listed = Object.keys(columns).join(', ');
    const { rows } = await statements.query(
      `select ${listed} from ${name} where workspace_id = $1::uuid and ${where}`,
      [workspaceId],
    );
    all[name] = rows.map((row) => JSON.stringify(row)).toSorted();
  }
  return all;
};

const inPostgres = (workspaceId: Uuid = WORKSPACE) => rowsIn(database.database.analytics.for(workspaceId), workspaceId);

describe('a copy by columns', () => {
  test('has the rows of PostgreSQL, value by value, and has them still after whatever happens', async () => {
    const log = randomLog(60, 11);
    const columns = open();
    await append(log.slice(0, 100));
    const before = await rowsIn(await copyOf(columns));
    expect(before).toEqual(await inPostgres());
    expect(Object.values(before).flat().length).toBeGreaterThan(50);
    for (let at = 100; at < log.length; at += 60) {
      await append(log.slice(at, at + 60));
      expect(await rowsIn(await copyOf(columns))).toEqual(await inPostgres());
    }
    expect(columns.counts()).toMatchObject({ copies: 1, failed: 0 });
    expect(warnings).toEqual([]);
  });

  test('has texts as they are: commas, quotes, line ends, nothing at all', async () => {
    const columns = open();
    const created = randomLog(60, 24).find(({ type }) => type === 'DealCreated');
    if (created === undefined) throw new Error('no deal');
    const hostile = [
      '',
      ' ',
      ',',
      '"',
      '""',
      '"a",b',
      'a\nb',
      'a\r\nb',
      '\r',
      '\\N',
      '\\.',
      'NULL',
      "it's",
      '\t',
      '\u2028',
      '🙂',
      'é',
    ];
    const events = hostile.map((source, index) => ({
      ...created,
      stream: { ...created.stream, id: idOf(`deal ${index}`) },
      data: { ...created.data, source },
    }));
    await append(events);
    const copy = await copyOf(columns);
    expect(await rowsIn(copy)).toEqual(await inPostgres());
    const { rows } = await copy.query<{ source: string }>('select distinct source from read_model.deal_history_v3');
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(hostile));
  });

  test('is of one workspace alone', async () => {
    const columns = open();
    await append(randomLog(30, 12));
    await append(randomLog(30, 13), OTHER);
    const [mine, others] = [await copyOf(columns), await copyOf(columns, OTHER)];
    expect(await rowsIn(mine)).toEqual(await inPostgres());
    expect(await rowsIn(others, OTHER)).toEqual(await inPostgres(OTHER));
    expect(Object.values(await rowsIn(mine, OTHER)).flat()).toEqual([]);
  });

  test('shows a change of scope at once: nobody is told of a row that was taken from him', async () => {
    const columns = open();
    const { owner } = database.database;
    await append(randomLog(12, 14));
    const [lead] = randomLog(12, 14);
    const scoped = (scope: string) =>
      owner.query(
        `insert into stream (workspace_id, stream_id, stream_type, version, position, root_id, scope_id, state, clocks, created_at)
         values ($1, $2, 'lead', 1, 1, $2, $3, '{}', '{}', now()) on conflict (workspace_id, stream_id) do update set scope_id = excluded.scope_id`,
        [WORKSPACE, lead?.stream.id, idOf(scope)],
      );
    await scoped('before');
    const seen = async () => (await rowsIn(await copyOf(columns)))['stream'];
    expect(await seen()).toEqual([JSON.stringify({ stream_id: lead?.stream.id, scope_id: idOf('before') })]);
    await scoped('after');
    // As an append does: the scope changes with an event of the stream, in one transaction.
    await append([{ ...(lead as NonNullable<typeof lead>), version: 1000 }]);
    expect(await seen()).toEqual([JSON.stringify({ stream_id: lead?.stream.id, scope_id: idOf('after') })]);
  });

  test('is made anew when a rebuild puts other tables in the place of those it was made of', async () => {
    const columns = open();
    await append(randomLog(30, 15));
    await copyOf(columns);
    await rebuild(database.database.projector, projections);
    expect(await columns.for(WORKSPACE)).toBeUndefined();
    // But not at once: something that changes all the time is not copied all the time.
    await columns.loaded(WORKSPACE);
    expect(await columns.for(WORKSPACE)).toBeUndefined();
    clock += 3 * 60_000;
    expect(await rowsIn(await copyOf(columns))).toEqual(await inPostgres());
  });

  test('reads streams again that were parked, which may be mended without an event', async () => {
    const columns = open();
    await append(randomLog(30, 16));
    const { projector: pool } = database.database;
    const { rows } = await pool.query<{ deal_id: Uuid }>(`select deal_id from read_model.deal_history_v3 limit 1`);
    const deal = rows[0]?.deal_id;
    await pool.query(
      `insert into parked_stream (workspace_id, projection, version, stream_id, position, error) values ($1, 'deal', 3, $2, 1, 'no')`,
      [WORKSPACE, deal],
    );
    await copyOf(columns);
    await pool.query(`update read_model.deal_history_v3 set source = 'mended' where deal_id = $1`, [deal]);
    await pool.query('delete from parked_stream');
    expect(await rowsIn(await copyOf(columns))).toEqual(await inPostgres());
  });

  test('serves many who ask at once, each with what was there when he asked', async () => {
    const columns = open();
    const log = randomLog(60, 17);
    await append(log.slice(0, 50));
    await copyOf(columns);
    let written = 50;
    const writing = (async () => {
      for (; written < log.length; written += 10) await append(log.slice(written, written + 10));
    })();
    const asking = Array.from({ length: 20 }, async (_, turn) => {
      await new Promise((resolve) => setTimeout(resolve, turn * 20));
      const read = async (statements: Pick<Statements, 'query'>) =>
        Number((await statements.query('select count(*) as n from read_model.deal_history_v3')).rows[0]?.['n']);
      const least = await read(database.database.analytics.for(WORKSPACE));
      expect(await read(await copyOf(columns))).toBeGreaterThanOrEqual(least);
    });
    await Promise.all([writing, ...asking]);
    expect(await rowsIn(await copyOf(columns))).toEqual(await inPostgres());
  });
});

test('DuckDB reads no file but those of its folder, and loads nothing', async () => {
  const columns = open({ strict: true });
  await append(randomLog(12, 21));
  const copy = await copyOf(columns);
  for (const statement of [
    "select * from read_csv('/etc/passwd')",
    "copy (select 1) to '/tmp/leadzen-should-not-be'",
    "attach '/tmp/leadzen-should-not-be.db' as other",
    'install httpfs',
    'set enable_external_access = true',
  ])
    await expect(copy.query(statement), statement).rejects.toThrow(
      /disabled by configuration|configuration has been locked/,
    );
});

describe('where there is no copy', () => {
  test('small workspaces are left to PostgreSQL, and with 0 MB all are', async () => {
    await append(randomLog(30, 18));
    for (const columns of [open({ fromEvents: 10_000 }), open({ memoryMb: 0 })]) {
      expect(await columns.for(WORKSPACE)).toBeUndefined();
      await columns.loaded(WORKSPACE);
      expect(await columns.for(WORKSPACE)).toBeUndefined();
      expect(columns.counts().copies).toBe(0);
    }
    expect(warnings).toEqual([]);
  });

  test('a statement that DuckDB refuses is PostgreSQL’s to answer, and counted', async () => {
    const columns = open();
    await append(randomLog(12, 19));
    const copy = await copyOf(columns);
    const { rows } = await copy.query('select jsonb_build_object($1::text, 1) as answer', ['a']);
    expect(rows).toEqual([{ answer: '{"a": 1}' }]);
    expect(columns.counts()).toMatchObject({ answered: 0, failed: 1 });
    expect(warnings).toEqual(['columns could not answer; PostgreSQL does']);
  });

  test('rows that do not fit are no fault, and not tried again for a while', async () => {
    const columns = open({ memoryMb: 1 });
    await append(randomLog(60, 20));
    expect(await columns.for(WORKSPACE)).toBeUndefined();
    await columns.loaded(WORKSPACE);
    expect(warnings).toEqual(['read models were not copied by columns; PostgreSQL answers']);
    await columns.for(WORKSPACE);
    await columns.loaded(WORKSPACE);
    expect(warnings).toHaveLength(1);
    clock += 11 * 60_000;
    await columns.for(WORKSPACE);
    await columns.loaded(WORKSPACE);
    expect(warnings).toHaveLength(2);
  });
});
