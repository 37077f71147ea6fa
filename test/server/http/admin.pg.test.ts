import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projections } from '../../../projections/registry.ts';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';
import { addUser, caller } from '../../support/people.ts';

let rest: RestBench;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const lead = uuidv7();
const park = () =>
  rest.test.test.database.projector.query(
    `insert into parked_stream (workspace_id, projection, version, stream_id, position, error)
     select $1, 'lead', $2, $3, 1, 'it does not fold' on conflict do nothing`,
    [rest.me.workspace.id, projections.find(({ name }) => name === 'lead')?.version, lead],
  );

test('an admin sees how far each read model is, and what it could not fold', async () => {
  await rest.ok(201, 'POST', '/api/leads', { id: lead, name: 'Ada' });
  await rest.projector.idle();
  await park();
  const answer = await rest.ok(200, 'GET', '/api/admin/projections');
  expect(answer['projections'].map(({ name }: Json) => name)).toEqual(projections.map(({ name }) => name));
  for (const projection of answer['projections'])
    expect(projection).toMatchObject({ position: answer['head'], lagEvents: 0, lagSeconds: 0 });
  expect(answer['holder']).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer['parked']).toMatchObject([
    { projection: 'lead', streamType: 'lead', streamId: lead, position: 1, error: 'it does not fold', attempts: 1 },
  ]);
});

test('folds anew what is parked when asked, one stream or all', async () => {
  await park();
  const retry = (body: object) => rest.ok(200, 'POST', '/api/admin/projections/retry', body);
  expect(await retry({ streamId: uuidv7() })).toEqual({ freed: 0, parked: 0 });
  expect(await retry({ projection: 'deal' })).toEqual({ freed: 0, parked: 0 });
  expect(await retry({ projection: 'lead', streamId: lead })).toEqual({ freed: 1, parked: 0 });
  expect((await rest.ok(200, 'GET', '/api/admin/projections'))['parked']).toEqual([]);
});

test('is for admins, each of their own workspace', async () => {
  const { accessToken } = await addUser(rest.test, rest.me, 'rep');
  const rep = caller(rest.test, accessToken);
  expect((await rep('GET', '/api/admin/projections')).statusCode).toBe(403);
  expect((await rep('POST', '/api/admin/projections/retry', {})).statusCode).toBe(403);
  await park();
  const stranger = await rest.stranger();
  expect((await stranger('GET', '/api/admin/projections')).json()).toMatchObject({ parked: [] });
  expect((await stranger('POST', '/api/admin/projections/retry', {})).json()).toEqual({ freed: 0, parked: 0 });
});
