import { createHash } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { readGuarded } from '../../../src/shared/base/csv-cell.ts';
import { addUser, caller } from '../../support/people.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let bench: RestBench;
const NAMES = ['Plain', '=1+1', '-2', '+3', '@SUM(A1:A9)', '\t=4', 'comma, "quote"', 'line\nbreak', 'Zoë 🦊', "'=5"];

beforeAll(async () => {
  bench = await openRest();
  for (const name of NAMES) await bench.ok(201, 'POST', '/api/companies', { name });
  const gone = await bench.ok(201, 'POST', '/api/companies', { name: 'Gone' });
  await bench.call('DELETE', `/api/companies/${gone['id']}`);
  await bench.projector.idle();
});
afterAll(() => bench[Symbol.asyncDispose]());

const logHead = async (): Promise<number> => {
  const { rows } = await bench.test.test.database.owner.query<{ head: number }>(
    'select head from workspace where workspace_id = $1',
    [bench.me.workspace.id],
  );
  return rows[0]?.head ?? 0;
};
const sha256 = (file: string): string => createHash('sha256').update(file).digest('hex');
const rowsOf = (csv: string): string[][] => parse(csv, { relax_column_count: true });

describe('an export', () => {
  test('as JSON lines has every record as REST serves it, and a manifest that vouches for it', async () => {
    const { payload, headers } = await bench.call('GET', '/api/exports/companies.ndjson');
    expect(headers).toMatchObject({
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store',
    });
    const lines = payload.trimEnd().split('\n');
    const { manifest } = JSON.parse(lines.pop() ?? '') as Json;
    expect(manifest).toEqual({
      rows: NAMES.length,
      position: await logHead(),
      sha256: sha256(`${lines.join('\n')}\n`),
    });
    const records = lines.map((line) => JSON.parse(line) as Json);
    expect(records.map(({ name }) => String(name)).toSorted()).toEqual(NAMES.toSorted());
    expect(records[0]).toEqual(await bench.ok(200, 'GET', `/api/companies/${records[0]?.['id']}`));
  });

  test('as CSV has the same, formulas made harmless and readable again', async () => {
    const { payload } = await bench.call('GET', '/api/exports/companies.csv');
    const [head = [], ...rows] = rowsOf(payload);
    const manifest = rows.pop();
    const whole = payload.slice(0, payload.lastIndexOf('#manifest'));
    const expected = ['rows', NAMES.length, 'position', await logHead(), 'sha256', sha256(whole)];
    expect(manifest).toEqual(['#manifest', ...expected.map(String)]);
    const names = rows.map((row) => row[head.indexOf('name')] ?? '');
    expect(names.map(readGuarded).toSorted()).toEqual(NAMES.toSorted());
    expect(names.filter((name) => /^[\s]*[=+\-@]/.test(name))).toEqual([]);
  });

  test('leaves deleted records out, unless they are asked for', async () => {
    expect((await bench.call('GET', '/api/exports/companies.ndjson')).payload).not.toContain('"Gone"');
    expect((await bench.call('GET', '/api/exports/companies.ndjson?deleted=true')).payload).toContain('"Gone"');
    expect((await bench.call('GET', '/api/exports/companies.csv?deleted=maybe')).statusCode).toBe(400);
  });

  test('of nothing is a head and a manifest', async () => {
    const { payload } = await bench.call('GET', '/api/exports/contacts.csv');
    expect(rowsOf(payload)).toHaveLength(2);
    expect((await bench.call('GET', '/api/exports/contacts.ndjson')).payload).toBe(
      `{"manifest":{"rows":0,"position":${await logHead()},"sha256":"${sha256('')}"}}\n`,
    );
  });

  test('is the same bytes twice', async () => {
    const [one, two] = [
      await bench.call('GET', '/api/exports/deals.csv'),
      await bench.call('GET', '/api/exports/deals.csv'),
    ];
    expect(one.payload).toBe(two.payload);
  });

  test('is for admins, managers and auditors', async () => {
    const statuses: Record<string, number> = {};
    for (const role of ['admin', 'manager', 'rep', 'analyst', 'auditor'] as const) {
      const { accessToken } = await addUser(bench.test, bench.me, role);
      statuses[role] = (await caller(bench.test, accessToken)('GET', '/api/exports/deals.csv')).statusCode;
    }
    expect(statuses).toEqual({ admin: 200, manager: 200, rep: 403, analyst: 403, auditor: 200 });
    expect((await bench.call('GET', '/api/exports/secrets.csv')).statusCode).toBe(404);
  });

  test('holds what its reader may see, and no more: the same as a list', async () => {
    const team = await bench.ok(201, 'POST', '/api/teams', { name: 'North' });
    const manager = await addUser(bench.test, bench.me, 'manager');
    await bench.ok(200, 'POST', `/api/teams/${team['id']}/members`, { userId: manager.user.id });
    const ours = await bench.ok(201, 'POST', '/api/deals', { name: 'Ours', teamId: team['id'] });
    const others = await bench.ok(201, 'POST', '/api/deals', { name: 'Others' });
    await bench.ok(200, 'PATCH', '/api/workspace', { sharing: 'owner' });
    await bench.projector.idle();
    const as = caller(bench.test, manager.accessToken);
    const { payload } = await as('GET', '/api/exports/deals.ndjson');
    const { items } = (await as('GET', '/api/deals')).json<Json>();
    const exported = payload
      .split('\n')
      .slice(0, -2)
      .map((line) => (JSON.parse(line) as Json)['id'] as string);
    expect(exported).toEqual([ours['id']]);
    expect(items.map(({ id }: Json) => id)).toEqual(exported);
    expect((await bench.call('GET', '/api/exports/deals.ndjson')).payload).toContain(String(others['id']));
    await bench.ok(200, 'PATCH', '/api/workspace', { sharing: 'everyone' });
  });

  test('is noted with who took what, before it begins and when it has ended', async () => {
    const { payload } = await bench.call('GET', '/api/exports/companies.ndjson');
    const { rows } = await bench.test.test.database.owner.query<Json>(
      `select user_id, role, type, format, row_count, encode(sha256, 'hex') as sha256, finished_at is not null as ended
         from export where workspace_id = $1 order by started_at desc limit 1`,
      [bench.me.workspace.id],
    );
    expect(rows[0]).toMatchObject({
      user_id: bench.me.user.id,
      role: 'admin',
      type: 'companies',
      row_count: NAMES.length,
    });
    expect(payload).toContain(String(rows[0]?.['sha256']));
    expect(rows[0]?.['ended']).toBe(true);
  });
});

describe('an export of many rows', () => {
  // 100 MB in ten fetches: kernels keep up to 36 MB of an answer that nobody reads (tcp_wmem and tcp_rmem of a common Linux).
  const MANY = 5000;
  const WIDE = 20_000;
  let base: { port: number };
  beforeAll(async () => {
    // Rows of the read model itself: 3,000 requests would say nothing more.
    await bench.test.test.database.projector.query(
      `insert into read_model.contact_v1 (workspace_id, id, name, version, position, created_at, updated_at, root_id, record)
       select $1, u.id, 'n', 1, 1, now(), now(), u.id, json_build_object('id', u.id, 'name', repeat('x', $3::int))
         from (select gen_random_uuid() as id from generate_series(1, $2::int)) u`,
      [bench.me.workspace.id, MANY, WIDE],
    );
    await bench.test.app.listen({ port: 0, host: '127.0.0.1' });
    base = bench.test.app.server.address() as AddressInfo;
  });

  const start = async () => {
    const answer = await open();
    // One that a failed test left would hold its connection until the tests behind it fail too.
    onTestFinished(() => void answer.destroy());
    return answer;
  };
  const open = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${bench.me.accessToken}` };
      const sent = request({ port: base.port, path: '/api/exports/contacts.ndjson', headers }, resolve);
      sent.on('error', reject).end();
    });
  const idle = () => bench.test.test.database.app.use();
  const settled = async (): Promise<void> => {
    const patience = AbortSignal.timeout(10_000);
    while (idle().idle < idle().total && !patience.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(idle().idle).toBe(idle().total);
  };
  /** Asks as the superuser, who alone sees what others run. */
  const backends = async (what: string): Promise<Json[]> => {
    const superuser = new pg.Client({ connectionString: bench.test.test.url });
    await superuser.connect();
    const from = `from pg_stat_activity where query like 'fetch%export_rows%' and datname = current_database()`;
    const { rows } = await superuser.query<Json>(`select ${what} ${from} and state <> 'idle'`);
    await superuser.end();
    return rows;
  };

  test('is one moment, however long its reader takes and whatever is written meanwhile', async () => {
    const answer = await start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await bench.test.test.database.projector.query(`update read_model.contact_v1 set record = '{"late":true}'`);
    const lines = (await text(answer)).trimEnd().split('\n');
    expect(lines.some((line) => line.includes('late'))).toBe(false);
    expect(lines).toHaveLength(MANY + 1);
    await bench.test.test.database.projector.query(
      `update read_model.contact_v1 set record = json_build_object('id', id, 'name', repeat('x', $1::int))`,
      [WIDE],
    );
    await settled();
  });

  test('waits for its reader instead of filling memory', async () => {
    const answer = await start();
    answer.pause();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await backends('state')).toEqual([{ state: 'idle in transaction' }]);
    answer.destroy();
    await settled();
  });

  test('breaks off loudly where the database fails in the middle, and has no manifest', async () => {
    const answer = await start();
    answer.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await backends('pg_terminate_backend(pid)')).toHaveLength(1);
    let read = '';
    const reading = (async () => {
      for await (const chunk of answer) read += String(chunk);
    })();
    await expect(reading).rejects.toThrow(/aborted|reset|hang up/);
    expect(read).not.toContain('"manifest"');
    await settled();
  });

  test('is one of two at a time', async () => {
    const [one, two] = [await start(), await start()];
    one.pause();
    two.pause();
    const third = await start();
    expect(third.statusCode).toBe(503);
    third.destroy();
    one.destroy();
    two.destroy();
    await settled();
    const again = await start();
    expect(again.statusCode).toBe(200);
    again.destroy();
    await settled();
  });
});
