import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPhone } from '../../support/phone.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
let stages: Readonly<Record<string, string>>;
beforeAll(async () => {
  rest = await openRest();
  const { items } = await rest.ok(200, 'GET', '/api/pipelines');
  const all = (items as Json[])[0]?.['stages'] as { id: string; kind: string }[];
  const open = all.filter(({ kind }) => kind === 'open');
  stages = { first: open[0]?.id ?? '', second: open[1]?.id ?? '' };
});
afterAll(() => rest[Symbol.asyncDispose]());

/** A record without what every event changes. */
const fields = (record: Json): Json => ({ ...record, version: undefined, updatedAt: undefined });
const at = async (name: string, id: string, version: number): Promise<Json> => {
  const { items } = await rest.ok(200, 'GET', `/api/${name}/${id}/history?limit=1000`);
  const position = (items as Json[])[version - 1]?.['position'] as number;
  return rest.ok(200, 'GET', `/api/${name}/${id}?asOf=${position}&deleted=true`);
};

const deal = async (): Promise<string> =>
  (
    await rest.ok(201, 'POST', '/api/deals', {
      name: 'Engine',
      amountMinor: 100,
      currency: 'EUR',
      customFields: { a: 1 },
    })
  )['id'];

/** Reverts, and expects all fields to be as they were. */
const expectReverted = async (name: string, id: string, version: number): Promise<Json> => {
  const then = await at(name, id, version);
  const answer = await rest.call('POST', `/api/${name}/${id}/revert`, { version });
  expect(answer.statusCode, answer.payload).toBe(200);
  expect(Number(answer.headers['x-log-position'])).toBeGreaterThan(0);
  expect(fields(answer.json())).toEqual(fields(then));
  return answer.json<Json>();
};

describe('POST /api/deals/:id/revert', () => {
  test('brings every field back by new events that keep the history', async () => {
    const id = await deal();
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { name: 'Turbine', source: 'fair', customFields: { a: 2, b: 3 } });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 900, expectedCloseDate: '2027-01-31' });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { stageId: stages['second'], probabilityBp: 4321 });
    const before = (await rest.ok(200, 'GET', `/api/deals/${id}/history`))['items'] as Json[];
    const after = await expectReverted('deals', id, 1);
    expect(after['version']).toBeGreaterThan(before.length);
    const { items } = await rest.ok(200, 'GET', `/api/deals/${id}/history`);
    expect((items as Json[]).slice(0, before.length)).toEqual(before);
  });

  test('goes back and forth between versions in different stages and currencies', async () => {
    const id = await deal();
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { stageId: stages['second'] });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { currency: 'JPY', amountMinor: 7 });
    const { version } = await rest.ok(200, 'GET', `/api/deals/${id}`);
    await expectReverted('deals', id, 1);
    await expectReverted('deals', id, version);
  });

  test('reopens a deal that was closed since, and closes one that was closed then', async () => {
    const id = await deal();
    await rest.ok(200, 'POST', `/api/deals/${id}/lose`, { reason: 'price', competitor: 'Acme' });
    await expectReverted('deals', id, 1);
    await expectReverted('deals', id, 2);
    await rest.ok(200, 'POST', `/api/deals/${id}/reopen`, {});
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 5 });
    await rest.ok(200, 'POST', `/api/deals/${id}/win`, {});
    const reverted = await expectReverted('deals', id, 2);
    expect(reverted).toMatchObject({ outcome: 'lost', reason: 'price', amountMinor: 100 });
  });

  test('restores a deal that was deleted since, and deletes one that was deleted then', async () => {
    const id = await deal();
    await rest.ok(200, 'DELETE', `/api/deals/${id}`);
    await expectReverted('deals', id, 1);
    const again = await rest.ok(200, 'POST', `/api/deals/${id}/revert`, { version: 2 });
    expect(again['deletedAt']).toEqual(expect.any(String));
  });

  test('brings line items back, whose sum is the amount', async () => {
    const id = await deal();
    const { me, test: server } = rest;
    const phone = await openPhone(server, me);
    const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
    const line = (lineItemId: string) => ({ lineItemId, name: 'Wheel', quantity: 2, unitMinor: 30 });
    await phone.push(phone.event('DealLineItemAdded', id, line(one), { basedOn: 1 }));
    await phone.push(phone.event('DealLineItemAdded', id, line(two), { basedOn: 2 }));
    await phone.push(phone.event('DealLineItemChanged', id, { lineItemId: one, quantity: 5 }, { basedOn: 3 }));
    await expectReverted('deals', id, 2);
    await expectReverted('deals', id, 1);
    await expectReverted('deals', id, 4);
  });

  test('changes nothing where the deal is as it was', async () => {
    const id = await deal();
    expect(await expectReverted('deals', id, 1)).toMatchObject({ version: 1 });
  });

  test('says what cannot be brought back', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Engine' });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 1, currency: 'EUR' });
    const answer = await rest.call('POST', `/api/deals/${id}/revert`, { version: 1 });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'amountMinor' }],
    });
  });

  test.each([
    ['no version', {}],
    ['version 0', { version: 0 }],
    ['a version that is yet to come', { version: 99 }],
    ['a text', { version: '1' }],
  ])('refuses %s', async (_what, body) => {
    const answer = await rest.call('POST', `/api/deals/${await deal()}/revert`, body);
    expect([answer.statusCode, answer.json<Json>()['code']]).toEqual([400, 'invalid_request']);
    expect(answer.json<Json>()['errors']).toMatchObject([{ path: 'version' }]);
  });

  test('obeys If-Match, and is 404 for a stranger', async () => {
    const id = await deal();
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 1 });
    const stale = await rest.call('POST', `/api/deals/${id}/revert`, { version: 1 }, { 'if-match': '"1"' });
    expect([stale.statusCode, stale.json<Json>()['code']]).toEqual([409, 'version_conflict']);
    const stranger = await rest.stranger();
    expect((await stranger('POST', `/api/deals/${id}/revert`, { version: 1 })).statusCode).toBe(404);
  });
});

describe('other records', () => {
  test('a lead goes back, its status with the reason of then', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/leads', { name: 'Ada', emails: [{ value: 'a@example.com' }] });
    await rest.ok(200, 'PATCH', `/api/leads/${id}`, { status: 'unqualified', reason: 'no budget' });
    await rest.ok(200, 'PATCH', `/api/leads/${id}`, { name: null, companyName: 'Acme', emails: [], priority: 'high' });
    await rest.ok(200, 'PATCH', `/api/leads/${id}`, {
      status: 'unqualified',
      reason: 'spam',
      amountMinor: 1,
      currency: 'EUR',
    });
    await expectReverted('leads', id, 2);
    await expectReverted('leads', id, 1);
  });

  test('a contact and a company go back', async () => {
    const company = await rest.ok(201, 'POST', '/api/companies', { name: 'Acme', industry: 'retail' });
    await rest.ok(200, 'PATCH', `/api/companies/${company['id']}`, { industry: null, size: 7, customFields: { a: 1 } });
    await expectReverted('companies', company['id'], 1);
    const contact = await rest.ok(201, 'POST', '/api/contacts', { name: 'Ada', companyId: company['id'] });
    await rest.ok(200, 'PATCH', `/api/contacts/${contact['id']}`, { companyId: null, title: 'Dr' });
    await expectReverted('contacts', contact['id'], 1);
  });

  test('a converted lead stays converted', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/leads', { name: 'Ada' });
    await rest.ok(200, 'POST', `/api/leads/${id}/convert`, {});
    const answer = await rest.call('POST', `/api/leads/${id}/revert`, { version: 1 });
    expect(answer.statusCode).toBe(400);
    expect((answer.json<Json>()['errors'] as Json[]).map(({ path }) => path as string)).toContain('convertedAt');
  });
});
