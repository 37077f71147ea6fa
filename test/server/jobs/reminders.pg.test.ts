import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reminders } from '../../../src/server/jobs/reminders.ts';
import { runDue } from '../../../src/server/jobs/run-due.ts';
import { type JobBench, node, openJobs } from '../../support/jobs.ts';
import { day } from '../../support/past.ts';
import { addUser, caller, expectOk } from '../../support/people.ts';
import type { Json } from '../../support/rest.ts';

let bench: JobBench;

beforeAll(async () => {
  bench = await openJobs();
});
afterAll(() => bench[Symbol.asyncDispose]());

describe('reminders', () => {
  const at = (text: string) => new Date(text);
  const note = async (time: string) => runDue(bench.parts(at(time)), reminders, node());
  const open = () =>
    bench.rows('select kind, record_id, since from crm.reminder where ended_at is null order by since');

  test('name an overdue activity once, until it is done', async () => {
    const call = uuidv7();
    await bench.past.happened([
      [day('2025-02-01'), 'ActivityScheduled', call, { kind: 'call', subject: 'Call', dueAt: '2025-02-03T10:00:00Z' }],
    ]);
    await bench.past.ask('pipeline');
    await note('2025-02-03T09:00:00Z');
    expect(await open()).toEqual([]);
    await note('2025-02-03T11:00:00Z');
    await note('2025-02-03T12:00:00Z');
    expect(await open()).toMatchObject([{ kind: 'overdue_activity', record_id: call }]);
    const { items } = await bench.past.rest.ok(200, 'GET', '/api/reminders?kind=overdue_activity');
    expect(items).toMatchObject([{ kind: 'overdue_activity', recordId: call, endedAt: null }]);
    await bench.past.happened([[day('2025-02-04'), 'ActivityCompleted', call, {}]]);
    await bench.past.ask('pipeline');
    await note('2025-02-04T12:00:00Z');
    expect(await open()).toEqual([]);
    expect(await bench.rows('select kind from crm.reminder')).toHaveLength(1);
  });

  test('name a rotting deal since its time was over, and anew when it rots again', async () => {
    const deal = uuidv7();
    await bench.past.happened([
      [
        new Date().toISOString(),
        'StageChanged',
        bench.past.pipelineId,
        { stageId: bench.past.stages['Proposal'], rottenAfterDays: 5 },
      ],
      [day('2025-03-01'), 'DealCreated', deal, { name: 'Rots', stageId: bench.past.stages['Proposal'] }],
    ]);
    await bench.past.ask('pipeline');
    await note('2025-03-05T00:00:00Z');
    expect(await open()).toEqual([]);
    await note('2025-03-07T00:00:00Z');
    expect(await open()).toMatchObject([{ kind: 'rotten_deal', record_id: deal, since: '2025-03-06T00:00:00.000Z' }]);
    await bench.past.happened([
      [day('2025-03-08'), 'NoteAdded', uuidv7(), { about: { type: 'deal', id: deal }, body: 'Still alive.' }],
    ]);
    await bench.past.ask('pipeline');
    await note('2025-03-09T00:00:00Z');
    expect(await open()).toEqual([]);
    await note('2025-03-14T00:00:00Z');
    expect(await open()).toMatchObject([{ record_id: deal, since: '2025-03-13T00:00:00.000Z' }]);
    expect(await bench.rows(`select since from crm.reminder where record_id = '${deal}'`)).toHaveLength(2);
  });
});

describe('the list of reminders', () => {
  test('has one’s own first, of each the newest, page by page, and only what one may see', async () => {
    const { rest } = bench.past;
    const { test: server, me } = rest;
    const [ann, bob] = [await addUser(server, me, 'rep'), await addUser(server, me, 'rep')];
    const planned = async (due: string, owner: string): Promise<string> => {
      const id = uuidv7();
      const data = { kind: 'task', subject: 'Due', dueAt: day(due), ownerId: owner };
      await bench.past.happened([[day('2025-04-01'), 'ActivityScheduled', id, data]]);
      return id;
    };
    const [first, others, last] = [
      await planned('2025-04-02', ann.user.id),
      await planned('2025-04-04', bob.user.id),
      await planned('2025-04-03', ann.user.id),
    ];
    await bench.past.ask('pipeline');
    await runDue(bench.parts(new Date('2025-04-05T00:00:00Z')), reminders, node());

    const asked = async (query: string): Promise<Json> =>
      expectOk(await caller(server, ann.accessToken)('GET', `/api/reminders?kind=overdue_activity&${query}`));
    const ids = async (query: string): Promise<string[]> =>
      (await asked(query))['items'].map((item: Json) => item['recordId']);
    expect(await ids('')).toEqual([last, first, others]);
    const pages: string[] = [];
    for (let after = ''; ;) {
      const { items, next } = await asked(`limit=1${after}`);
      pages.push(...items.map((item: Json) => item['recordId']));
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(pages).toEqual([last, first, others]);
    expect(await ids(`ownerId=${bob.user.id}`)).toEqual([others]);
    expect(await asked(`ownerId=${bob.user.id}`)).toMatchObject({
      items: [{ ownerId: bob.user.id, since: day('2025-04-04') }],
    });

    await rest.ok(200, 'PATCH', '/api/workspace', { sharing: 'owner' });
    expect(await ids('')).toEqual([last, first]);
    expect(await ids(`ownerId=${bob.user.id}`)).toEqual([]);
    await rest.ok(200, 'PATCH', '/api/workspace', { sharing: 'everyone' });
    await rest.ok(200, 'DELETE', `/api/activities/${last}`);
    await rest.ok(200, 'GET', '/api/activities');
    expect(await ids('')).toEqual([first, others]);
  });

  test('refuses what it does not know', async () => {
    for (const query of [
      'open=maybe',
      'kind=birthday',
      'ownerId=me',
      'after=x',
      'after=WyJhIiwiYiIsImMiXQ',
      'limit=0',
      'q=x',
    ]) {
      const answer = await bench.past.rest.call('GET', `/api/reminders?${query}`);
      expect([query, answer.statusCode]).toEqual([query, 400]);
    }
  });
});
