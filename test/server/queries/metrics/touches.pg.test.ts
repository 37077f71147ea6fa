import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { day, openPast, type PastBench, rowOf } from '../../../support/past.ts';

let past: PastBench;
const [bob, north, deal] = Array.from({ length: 3 }, () => uuidv7()) as [string, string, string];

beforeAll(async () => {
  past = await openPast();
  await past.happened([
    [day('2025-01-01'), 'UserInvited', bob, { name: 'Bob', role: 'rep' }],
    [day('2025-01-01'), 'TeamCreated', north, { name: 'North' }],
    [day('2025-01-01'), 'TeamMemberAdded', north, { userId: bob }],
    [day('2025-01-01'), 'DealCreated', deal, { name: 'Deal', amountMinor: 1, currency: 'EUR' }],
  ]);
});
afterAll(() => past[Symbol.asyncDispose]());

/** A lead of that day, and what was done about it. */
const lead = async (created: string): Promise<string> => {
  const id = uuidv7();
  await past.happened([[created, 'LeadCreated', id, { name: 'Ann' }]]);
  return id;
};
const on = (id: string) => ({ about: { type: 'lead', id } });
const planned = (more: object) => ({ kind: 'call', subject: 'Ring', ...more });

/** Rows of a CSV file of activities. */
const imported = async (rows: string): Promise<void> => {
  const { accessToken } = past.rest.me;
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'text/csv' };
  const columns = ['kind', 'aboutType', 'aboutId', 'direction', 'createdAt', 'ownerName'];
  const maps = columns.map((column) => `map=${column}:${column}`).join('&');
  const url = `/api/imports?type=activities&${maps}`;
  const payload = `${columns.join(',')}\n${rows}\n`;
  const response = await past.rest.test.app.inject({ method: 'POST', url, headers, payload });
  expect(response.json()).toMatchObject({ counts: { created: 1, refused: 0 } });
  // The position that the answers then wait for is behind the import.
  await past.happened([[new Date().toISOString(), 'TeamRenamed', north, { name: 'North' }]]);
};

describe('the response time', () => {
  test('takes no integration for a person', async () => {
    const id = await lead(new Date(Date.now() - 3_600_000).toISOString());
    const today = `response-time?from=${new Date(Date.now() - 7_200_000).toISOString()}`;
    const { key } = await past.rest.ok(201, 'POST', '/api/api-keys', { name: 'Robot', role: 'admin' });
    const about = { type: 'lead', id };
    const sent = await past.rest.test.app.inject({
      method: 'POST',
      url: '/api/activities',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      payload: JSON.stringify({ kind: 'email', direction: 'out', subject: 'Welcome!', about }),
    });
    expect(sent.statusCode).toBe(201);
    await past.happened([[new Date().toISOString(), 'LeadScored', id, { score: 1 }]]);
    expect(await past.ask(today)).toMatchObject({ n: 0, unanswered: 1, p50Minutes: null, within5: { value: null } });
    await past.happened([[new Date().toISOString(), 'EmailLogged', uuidv7(), { ...on(id), direction: 'out' }]]);
    expect(await past.ask(today)).toMatchObject({ n: 1, unanswered: 0, within5: { numerator: 0, denominator: 1 } });
  });

  test('takes what an import tells of for no touch', async () => {
    const id = await lead(day('2025-02-01'));
    await imported(`email,lead,${id},out,2025-02-01T00:05:00Z,`);
    expect(await past.ask('response-time?from=2025-02-01&to=2025-02-02')).toMatchObject({ n: 0, unanswered: 1 });
  });

  test('counts a planned call when it is done, and a call that came in when it was taken', async () => {
    const [called, answered, missed] = [
      await lead(day('2025-03-01')),
      await lead(day('2025-03-01')),
      await lead(day('2025-03-01')),
    ];
    const plan = uuidv7();
    await past.happened([
      ['2025-03-01T00:01:00.000Z', 'ActivityScheduled', plan, planned({ ...on(called), dueAt: day('2025-03-02') })],
      ['2025-03-01T00:10:00.000Z', 'ActivityCompleted', plan, {}],
      ['2025-03-01T00:30:00.000Z', 'CallLogged', uuidv7(), { ...on(answered), direction: 'in', durationSec: 90 }],
      ['2025-03-01T00:02:00.000Z', 'CallLogged', uuidv7(), { ...on(missed), direction: 'in', durationSec: 0 }],
      ['2025-03-01T00:03:00.000Z', 'EmailLogged', uuidv7(), { ...on(missed), direction: 'in' }],
    ]);
    expect(await past.ask('response-time?from=2025-03-01&to=2025-03-02')).toMatchObject({
      n: 2,
      unanswered: 1,
      p50Minutes: 20,
      within15: { numerator: 1, denominator: 2 },
      within60: { numerator: 2 },
    });
  });

  test('forgets a touch that was voided', async () => {
    const [id, call] = [await lead(day('2025-04-01')), uuidv7()];
    await past.happened([
      [day('2025-04-01'), 'CallLogged', call, { ...on(id), direction: 'out' }],
      [day('2025-04-02'), 'ActivityVoided', call, {}],
    ]);
    expect(await past.ask('response-time?from=2025-04-01&to=2025-04-02')).toMatchObject({ n: 0, unanswered: 1 });
  });
});

describe('activity', () => {
  test('is in time when it was done by the time it was due; what was canceled or is not due yet is not missed', async () => {
    const ids = Array.from({ length: 5 }, () => uuidv7()) as [string, string, string, string, string];
    const due = (at: string) => planned({ dueAt: at, kind: 'task' });
    await past.happened([
      ...ids.slice(0, 4).map((id) => [day('2025-05-01'), 'ActivityScheduled', id, due(day('2025-05-10'))] as const),
      [day('2025-05-01'), 'ActivityScheduled', ids[4], due('2099-01-01T00:00:00Z')],
      [day('2025-05-09'), 'ActivityCompleted', ids[0], {}],
      [day('2025-06-11'), 'ActivityCompleted', ids[1], {}],
      [day('2025-05-02'), 'ActivityCanceled', ids[2], {}],
    ]);
    expect(await past.ask('activity?from=2025-05-01&to=2025-06-01')).toMatchObject({
      count: 1,
      onTime: { value: 1 / 3, numerator: 1, denominator: 3, n: 3 },
    });
    const { rows } = await past.ask('activity?from=2025-05-01&to=2025-07-01&groupBy=month');
    expect(rows).toMatchObject([
      { month: '2025-05', kind: 'task', count: 1, onTime: { denominator: 3 } },
      { month: '2025-06', kind: 'task', count: 1, onTime: { value: null, denominator: 0 } },
    ]);
    expect(await past.ask('activity?from=2099-01-01')).toMatchObject({ count: 0, onTime: { denominator: 0 } });
  });

  test('as recorded counts what was done by then, though it was completed anew or handed on later', async () => {
    const plan = uuidv7();
    const head = await past.happened([
      [day('2025-08-01'), 'ActivityScheduled', plan, planned({ dueAt: day('2025-08-02'), ownerId: bob })],
      [day('2025-08-02'), 'ActivityCompleted', plan, {}],
    ]);
    const then = await past.ask(`activity?from=2025-08-01&to=2025-09-01&groupBy=owner&asOf=${head}`);
    expect(then).toMatchObject({ count: 1, rows: [{ ownerId: past.rest.me.user.id, kind: 'call' }] });
    await past.happened([
      [day('2025-08-03'), 'ActivityCompleted', plan, { completedAt: day('2025-08-03') }],
      [day('2025-08-04'), 'ActivityReassigned', plan, { ownerId: bob }],
    ]);
    expect(await past.ask(`activity?from=2025-08-01&to=2025-09-01&groupBy=owner&asOf=${head}`)).toEqual(then);
    expect(await past.ask('activity?from=2025-08-01&to=2025-09-01&groupBy=owner')).toMatchObject({ count: 1 });
  });

  test('of an import counts for its owner, as nobody knows who did it, and is told apart', async () => {
    await imported(`call,deal,${deal},out,2025-09-01T10:00:00Z,Bob`);
    const september = 'activity?from=2025-09-01&to=2025-10-01';
    const answer = await past.ask(`${september}&groupBy=owner`);
    expect(answer).toMatchObject({ count: 1, imported: 1 });
    expect(rowOf(answer, { ownerId: bob })).toMatchObject({ kind: 'call', direction: 'out', count: 1, imported: 1 });
    expect(rowOf(await past.ask(`${september}&groupBy=team`), { team: 'North' })).toMatchObject({ count: 1 });
    expect(await past.ask(`${september}&teamId=${north}`)).toMatchObject({ count: 1 });
    expect(await past.ask(`${september}&pipelineId=${past.pipelineId}&currency=EUR`)).toMatchObject({ count: 1 });
    expect(await past.ask(`${september}&currency=JPY`)).toMatchObject({ count: 0 });
    expect(await past.ask(`${september}&groupBy=direction`)).toMatchObject({ rows: [{ direction: 'out', count: 1 }] });
  });
});
