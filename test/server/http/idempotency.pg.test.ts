import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRest, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const NOWHERE = '01970000-0000-7000-8000-0000000000ff';

describe('an Idempotency-Key', () => {
  test('makes a repeated request answer the first result', async () => {
    const key = { 'idempotency-key': 'create-1' };
    const [one, two] = await Promise.all([1, 2].map(() => rest.call('POST', '/api/leads', { name: 'Once' }, key)));
    const three = await rest.call('POST', '/api/leads', { name: 'Once' }, key);
    for (const answer of [two, three]) {
      expect(answer?.statusCode).toBe(201);
      expect(answer?.json()).toEqual(one?.json());
      expect(answer?.headers['x-log-position']).toBe(one?.headers['x-log-position']);
    }
    expect((await rest.ok(200, 'GET', '/api/leads?q=once')).items).toHaveLength(1);
  });

  test('is refused for another request', async () => {
    const key = { 'idempotency-key': 'create-2' };
    await rest.ok(201, 'POST', '/api/leads', { name: 'One' }, key);
    expect((await rest.ok(409, 'POST', '/api/leads', { name: 'Other' }, key)).code).toBe('id_reuse');
    await rest.ok(400, 'POST', '/api/leads', { name: 'One' }, { 'idempotency-key': 'x'.repeat(256) });
  });

  test('is not used up by a request that is refused, however it is mended', async () => {
    const key = { 'idempotency-key': 'refused-1' };
    const nobodys = { name: 'Mended', companyId: NOWHERE };
    await Promise.all([1, 2].map(() => rest.ok(400, 'POST', '/api/contacts', nobodys, key)));
    const made = await rest.ok(201, 'POST', '/api/contacts', { name: 'Mended' }, key);
    expect(await rest.ok(201, 'POST', '/api/contacts', { name: 'Mended' }, key)).toEqual(made);
    expect((await rest.ok(409, 'POST', '/api/contacts', nobodys, key)).code).toBe('id_reuse');
  });

  test('lets the very request through once the record allows it', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Again' });
    const key = { 'idempotency-key': 'refused-2' };
    await rest.ok(200, 'POST', `/api/deals/${id}/win`);
    const lose = () => rest.call('POST', `/api/deals/${id}/lose`, { reason: 'price' }, key);
    expect([(await lose()).statusCode, (await lose()).statusCode]).toEqual([409, 409]);
    await rest.ok(200, 'POST', `/api/deals/${id}/reopen`, {});
    const [lost, again] = [await lose(), await lose()];
    expect([lost.statusCode, again.statusCode]).toEqual([200, 200]);
    expect(again.json()).toEqual(lost.json());
    expect(lost.json()).toMatchObject({ outcome: 'lost', version: 4 });
  });

  test('of a stale request refuses it again, and is free for what was read since', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Key', amountMinor: 1, currency: 'EUR' });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 2 });
    const headers = { 'if-match': '"1"', 'idempotency-key': 'stale-1' };
    for (const _ of [1, 2]) {
      const answer = await rest.ok(409, 'PATCH', `/api/deals/${id}`, { amountMinor: 3 }, headers);
      expect(answer['code']).toBe('version_conflict');
    }
    expect((await rest.ok(200, 'GET', `/api/deals/${id}`)).amountMinor).toBe(2);
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 3 }, { ...headers, 'if-match': '"2"' });
  });

  test('repeats a patch without doing it again', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/leads', { name: 'Patch' });
    const key = { 'idempotency-key': 'patch-1' };
    await rest.ok(200, 'PATCH', `/api/leads/${id}`, { name: 'Patched' }, key);
    await rest.ok(200, 'PATCH', `/api/leads/${id}`, { name: 'Later' });
    expect(await rest.ok(200, 'PATCH', `/api/leads/${id}`, { name: 'Patched' }, key)).toMatchObject({
      name: 'Later',
      version: 3,
    });
  });
});
