import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const upload = (query: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
  rest.test.app.inject({
    method: 'POST',
    url: `/api/imports?${query}`,
    headers: { authorization: `Bearer ${rest.me.accessToken}`, 'content-type': 'text/csv', ...headers },
    payload,
  });

const LEADS = 'name,status\nAda,new\nGrace,lost\nAlan,contacted\n';

describe('an uploaded file', () => {
  test('becomes a job with counts, and a verdict a row in pages', async () => {
    const answer = await upload('type=leads&fileName=fair.csv', LEADS);
    expect(answer.statusCode).toBe(201);
    const job = answer.json<Json>();
    expect(job).toMatchObject({
      type: 'leads',
      fileName: 'fair.csv',
      status: 'completed',
      counts: { rows: 3, created: 2, refused: 1 },
      createdBy: rest.me.user.id,
      ignoredColumns: [],
    });
    const url = String(answer.headers['location']);
    expect(url).toBe(`/api/imports/${job['id']}`);
    const first = await rest.ok(200, 'GET', `${url}?limit=2`);
    expect(first).toMatchObject({
      next: 2,
      verdicts: [
        { row: 1, line: 2, verdict: 'created', stream: { type: 'lead' } },
        { row: 2, line: 3, verdict: 'refused', code: 'invalid', column: 'status' },
      ],
    });
    expect(await rest.ok(200, 'GET', `${url}?limit=2&after=2`)).toMatchObject({ next: null, verdicts: [{ row: 3 }] });
    expect((await rest.ok(200, 'GET', `${url}?verdict=refused`))['verdicts']).toHaveLength(1);
    await rest.projector.idle();
    const listed = await rest.ok(200, 'GET', '/api/leads?q=alan', undefined, {
      'x-min-position': String(answer.headers['x-log-position']),
    });
    expect(listed['items']).toMatchObject([{ name: 'Alan', status: 'contacted' }]);
  });

  test('may come compressed, with its columns mapped in the query', async () => {
    const query = 'type=contacts&map=Wer%3A%20Name:name&map=Mail:emails&delimiter=%3B';
    const answer = await upload(query, gzipSync('Wer: Name;Mail\nZoë;z@x.de\n'), { 'content-encoding': 'gzip' });
    expect(answer.json()).toMatchObject({ status: 'completed', counts: { created: 1 } });
  });

  test('with dryRun is judged and changes nothing', async () => {
    const mapping = encodeURIComponent(JSON.stringify({ fields: { name: 'who' } }));
    const before = (await upload(`type=leads&dryRun=true&mapping=${mapping}`, 'who\n')).headers['x-log-position'];
    const answer = await upload(`type=leads&dryRun=true&mapping=${mapping}`, 'who\nEve\n\n"",\n');
    expect(answer.json()).toMatchObject({ dryRun: true, counts: { rows: 2, created: 1, refused: 1 } });
    expect(answer.headers['x-log-position']).toBe(before);
    const revert = await rest.call('POST', `/api/imports/${answer.json<Json>()['id']}/revert`);
    expect(revert.statusCode).toBe(400);
  });

  test('is undone once', async () => {
    const { id } = (await upload('type=companies', 'name\nAcme\nGlobex\n')).json<Json>();
    expect(await rest.ok(200, 'POST', `/api/imports/${id}/revert`)).toMatchObject({
      status: 'reverted',
      reverted: 2,
      kept: 0,
    });
    expect((await rest.call('POST', `/api/imports/${id}/revert`)).statusCode).toBe(400);
  });

  test('with bytes that are not UTF-8 and a cell of 10 MB loses just those rows', async () => {
    const file = Buffer.concat([
      Buffer.from('name,note\nGood,fine\nM'),
      Buffer.from([0xfc]),
      Buffer.from(`ller,x\nBig,"${'x'.repeat(10 * 1024 * 1024)}"\nLast,fine\nshort\n`),
    ]);
    const answer = await upload('type=leads', file);
    expect(answer.json()).toMatchObject({ status: 'completed', counts: { rows: 5, created: 2, refused: 3 } });
  });
});

describe('a request for an import that makes no sense is refused in words', () => {
  const REQUESTS: [string, number, string, string | Buffer, Record<string, string>?][] = [
    ['no type', 400, '', LEADS],
    ['another type', 400, 'type=users', LEADS],
    ['an unknown parameter', 400, 'type=leads&colour=red', LEADS],
    ['a mapping that is no JSON', 400, 'type=leads&mapping=name', LEADS],
    ['a mapping with an unknown key', 400, `type=leads&mapping=${encodeURIComponent('{"fields":{},"x":1}')}`, LEADS],
    ['a pair that is none', 400, 'type=leads&map=name', LEADS],
    ['a field that there is not', 400, 'type=leads&map=name:colour', LEADS],
    ['an empty file', 400, 'type=leads', ''],
    ['a file in UTF-16', 400, 'type=leads', Buffer.from('\ufeffname\nAda\n', 'utf16le')],
    ['two columns of one name', 400, 'type=leads', 'name,name\n'],
    ['half a gzip file', 400, 'type=leads', gzipSync(LEADS).subarray(0, 20), { 'content-encoding': 'gzip' }],
    ['another coding', 415, 'type=leads', LEADS, { 'content-encoding': 'br' }],
    ['JSON', 415, 'type=leads', '{}', { 'content-type': 'application/json' }],
    ['nobody', 401, 'type=leads', LEADS, { authorization: '' }],
  ];
  test.each(REQUESTS)('%s: %i', async (...[, status, query, payload, headers]) => {
    const answer = await upload(query, payload, headers);
    expect(answer.statusCode, answer.payload).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json<Json>()['detail']).toMatch(/\w+ \w+/);
  });

  test('an unknown import, and one of another workspace, do not exist', async () => {
    const { id } = (await upload('type=leads', 'name\nAda\n')).json<Json>();
    const stranger = await rest.stranger();
    expect((await stranger('GET', `/api/imports/${id}`)).statusCode).toBe(404);
    expect((await stranger('POST', `/api/imports/${id}/revert`)).statusCode).toBe(404);
    expect((await rest.call('GET', '/api/imports/00000000-0000-7000-8000-000000000000')).statusCode).toBe(404);
    expect((await rest.call('GET', '/api/imports/nonsense')).statusCode).toBe(400);
    expect((await rest.call('GET', `/api/imports/${id}?limit=0`)).statusCode).toBe(400);
    expect((await rest.call('GET', `/api/imports/${id}?limit=1000000000`)).statusCode).toBe(400);
  });
});
