import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPhone, type Phone } from '../../support/phone.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
let phone: Phone;
beforeAll(async () => {
  rest = await openRest();
  phone = await openPhone(rest.test, rest.me);
});
afterAll(() => rest[Symbol.asyncDispose]());

/** A deal priced at 110 since the phone saw it at version 1, and the phone's proposal of 120. */
const contested = async (): Promise<{ readonly id: string; readonly conflictId: string }> => {
  const body = { name: 'Engine', amountMinor: 100, currency: 'EUR' };
  const { id } = await rest.ok(201, 'POST', '/api/deals', body);
  await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 110 });
  const [raised] = await phone.push(phone.event('DealAmountChanged', id, { amountMinor: 120 }, { basedOn: 1 }));
  return { id, conflictId: raised?.['conflictId'] };
};

describe('GET /api/conflicts', () => {
  test('lists what is open with its record, page by page, the oldest first', async () => {
    const made = [await contested(), await contested(), await contested()];
    const listed: Json[] = [];
    let next: string | null = '';
    for (let pages = 0; next !== null && pages < 20; pages += 1) {
      const page: Json = await rest.ok(200, 'GET', `/api/conflicts?limit=2${next === '' ? '' : `&after=${next}`}`);
      listed.push(...page['items']);
      next = page['next'];
    }
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(made.map(({ conflictId }) => conflictId)));
    expect(listed.map(({ id }) => id as string)).toEqual(listed.map(({ id }) => id as string).toSorted());
    expect(listed.at(-1)).toMatchObject({
      id: made[2]?.conflictId,
      conflictId: made[2]?.conflictId,
      stream: { type: 'deal', id: made[2]?.id },
      version: 3,
      register: 'money',
      base: { amountMinor: 100, currency: 'EUR' },
      current: { amountMinor: 110, currency: 'EUR' },
      proposed: { amountMinor: 120, currency: 'EUR' },
      device: phone.id,
      actor: rest.me.user.id,
      raisedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test('filters by type, register and record, and refuses what it does not know', async () => {
    const { id, conflictId } = await contested();
    const ids = async (query: string) =>
      ((await rest.ok(200, 'GET', `/api/conflicts?streamId=${id}&${query}`))['items'] as Json[]).map(
        (item) => item['id'],
      );
    expect(await ids('type=deal&register=money&status=open')).toEqual([conflictId]);
    expect(await ids('type=lead')).toEqual([]);
    expect(await ids('register=progress')).toEqual([]);
    for (const query of ['register=colour', 'type=activity', 'status=closed', 'after=x', 'limit=0', 'colour=red'])
      expect((await rest.call('GET', `/api/conflicts?${query}`)).statusCode, query).toBe(400);
  });

  test('shows a stranger none, and no conflict of a deleted record', async () => {
    const { id } = await contested();
    const stranger = await rest.stranger();
    expect((await stranger('GET', '/api/conflicts')).json()).toEqual({ items: [], next: null });
    await rest.ok(200, 'DELETE', `/api/deals/${id}`);
    expect((await rest.ok(200, 'GET', `/api/conflicts?streamId=${id}`))['items']).toEqual([]);
  });

  test('is read through an index of its own', async () => {
    const client = await rest.test.test.database.owner.connect();
    try {
      await client.query('begin; set local enable_seqscan = off; set local enable_bitmapscan = off');
      const { rows } = await client.query<Json>(
        `explain select from stream where workspace_id = '${uuidv7()}' and state::text like '%"conflicts":[{%'`,
      );
      expect(JSON.stringify(rows)).toContain('stream_conflicts');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

describe('POST /api/conflicts/:id/resolve', () => {
  test.each([
    ['current', undefined, 110],
    ['proposed', undefined, 120],
    ['custom', { amountMinor: 115 }, 115],
  ] as const)('with %s answers with the record and its position', async (choice, value, amountMinor) => {
    const { id, conflictId } = await contested();
    const answer = await rest.call('POST', `/api/conflicts/${conflictId}/resolve`, { choice, value });
    expect(answer.statusCode, answer.payload).toBe(200);
    expect(answer.json()).toMatchObject({ id, amountMinor, conflicts: [], version: 4 });
    expect(Number(answer.headers['x-log-position'])).toBeGreaterThan(0);
    expect(answer.headers['etag']).toBe('"4"');
    const list = await rest.ok(200, 'GET', `/api/deals?q=Engine&limit=1000`);
    expect((list['items'] as Json[]).find((deal) => deal['id'] === id)).toMatchObject({ amountMinor, conflicts: [] });
  });

  test('answers the second 409 already_resolved', async () => {
    const { conflictId } = await contested();
    await rest.ok(200, 'POST', `/api/conflicts/${conflictId}/resolve`, { choice: 'proposed' });
    const late = await rest.call('POST', `/api/conflicts/${conflictId}/resolve`, { choice: 'current' });
    expect(late.statusCode).toBe(409);
    expect(late.json()).toMatchObject({ code: 'already_resolved' });
  });

  test('repeats its answer under an Idempotency-Key', async () => {
    const { conflictId } = await contested();
    const send = () =>
      rest.call(
        'POST',
        `/api/conflicts/${conflictId}/resolve`,
        { choice: 'proposed' },
        { 'idempotency-key': conflictId },
      );
    expect([(await send()).statusCode, (await send()).statusCode]).toEqual([200, 200]);
  });

  test('counts the present version, or with If-Match only one that has seen the last change', async () => {
    const { id, conflictId } = await contested();
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 130 });
    const path = `/api/conflicts/${conflictId}/resolve`;
    const stale = await rest.call('POST', path, { choice: 'proposed' }, { 'if-match': '"3"' });
    expect([stale.statusCode, stale.json<Json>()['code']]).toEqual([409, 'version_conflict']);
    expect(await rest.ok(200, 'POST', path, { choice: 'proposed' }, { 'if-match': '"4"' })).toMatchObject({
      amountMinor: 120,
    });
  });

  test('is 404 for what one may not see, is no conflict, or no id', async () => {
    const { conflictId, id } = await contested();
    const stranger = await rest.stranger();
    const answers = [
      await stranger('POST', `/api/conflicts/${conflictId}/resolve`, { choice: 'current' }),
      await rest.call('POST', `/api/conflicts/${uuidv7()}/resolve`, { choice: 'current' }),
      await rest.call('POST', `/api/conflicts/${id}/resolve`, { choice: 'current' }),
      await rest.call('POST', `/api/conflicts/nothing/resolve`, { choice: 'current' }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404]);
    expect(new Set(answers.map((answer) => answer.json<Json>()['detail']))).toEqual(
      new Set(['There is no such conflict.']),
    );
  });

  test.each([
    ['no choice', {}],
    ['another choice', { choice: 'mine' }],
    ['custom without a value', { choice: 'custom' }],
    ['a value that goes with nothing', { choice: 'current', value: { amountMinor: 1 } }],
    ['a field of another register', { choice: 'custom', value: { ownerId: null } }],
    ['money that is none', { choice: 'custom', value: { amountMinor: -1 } }],
  ])('refuses %s', async (_what, body) => {
    const { conflictId } = await contested();
    const answer = await rest.call('POST', `/api/conflicts/${conflictId}/resolve`, body);
    expect([answer.statusCode, answer.json<Json>()['code']]).toEqual([400, 'invalid_request']);
  });

  test('obeys the rules of the record', async () => {
    const { id, conflictId } = await contested();
    await rest.ok(200, 'POST', `/api/deals/${id}/win`, {});
    const refused = await rest.call('POST', `/api/conflicts/${conflictId}/resolve`, { choice: 'proposed' });
    expect([refused.statusCode, refused.json<Json>()['detail']]).toEqual([409, 'This deal is won: reopen it first.']);
  });
});

describe('the history of a record', () => {
  test('tells who asked what from which phone, and what was chosen', async () => {
    const { id, conflictId } = await contested();
    await rest.ok(200, 'POST', `/api/conflicts/${conflictId}/resolve`, { choice: 'proposed' });
    const { items } = await rest.ok(200, 'GET', `/api/deals/${id}/history`);
    expect((items as Json[]).slice(1)).toMatchObject([
      { version: 2, type: 'DealAmountChanged', changes: [{ field: 'amountMinor', old: 100, new: 110 }] },
      {
        version: 3,
        type: 'ConflictRaised',
        changes: [],
        conflict: { conflictId, current: { amountMinor: 110 }, proposed: { amountMinor: 120 }, device: phone.id },
      },
      {
        version: 4,
        type: 'ConflictResolved',
        actor: rest.me.user.id,
        changes: [{ field: 'amountMinor', old: 110, new: 120 }],
        resolution: { conflictId, choice: 'proposed', register: 'money' },
      },
    ]);
  });

  test('agrees with the record as it was at every version', async () => {
    const { id, conflictId } = await contested();
    await rest.ok(200, 'POST', `/api/conflicts/${conflictId}/resolve`, { choice: 'proposed' });
    const { items } = await rest.ok(200, 'GET', `/api/deals/${id}/history`);
    const then = [];
    for (const { position } of items as Json[])
      then.push(await rest.ok(200, 'GET', `/api/deals/${id}?asOf=${position}`));
    expect(then.map((deal) => [deal['amountMinor'], deal['conflicts'].length])).toEqual([
      [100, 0],
      [110, 0],
      [110, 1],
      [120, 0],
    ]);
    expect(then.at(-1)).toEqual(await rest.ok(200, 'GET', `/api/deals/${id}`));
  });

  test('names what an edit lost against a newer clock', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Engine' });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { name: 'Turbine' });
    const time = new Date(Date.now() - 3_600_000).toISOString();
    await phone.push(phone.event('DealDetailsChanged', id, { name: 'Wheel', source: 'fair' }, { basedOn: 1, time }));
    const { items } = await rest.ok(200, 'GET', `/api/deals/${id}/history`);
    const lost = (items as Json[]).at(-1);
    expect(lost).toMatchObject({ device: phone.id, superseded: expect.arrayContaining(['name']) });
    expect(lost?.['changes']).toContainEqual({ field: 'name', old: 'Turbine', new: 'Wheel', superseded: true });
  });
});

test('a PATCH without If-Match counts the present version, whoever writes at the same time', async () => {
  const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Engine', amountMinor: 1, currency: 'EUR' });
  const patches = Array.from({ length: 10 }, (_, index) =>
    rest.call('PATCH', `/api/deals/${id}`, { amountMinor: 100 + index }),
  );
  expect((await Promise.all(patches)).map(({ statusCode }) => statusCode)).toEqual(patches.map(() => 200));
  expect((await rest.ok(200, 'GET', `/api/deals/${id}`))['conflicts']).toEqual([]);
});
