import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import { openRest, type Json, type RestBench } from '../../support/rest.ts';

let rest: RestBench;
beforeAll(async () => {
  rest = await openRest();
});
afterAll(() => rest[Symbol.asyncDispose]());

const NOWHERE = uuidv7();

describe('a record', () => {
  test('is created, read at once, and found in the list', async () => {
    const response = await rest.call('POST', '/api/leads', { name: 'Grace', companyName: 'Navy', source: 'web' });
    const lead = response.json();
    expect(response.statusCode).toBe(201);
    expect(response.headers['location']).toBe(`/api/leads/${lead.id}`);
    expect(Number(response.headers['x-log-position'])).toBeGreaterThan(0);
    expect(lead).toMatchObject({ name: 'Grace', status: 'new', version: 1, ownerId: rest.me.user.id, deletedAt: null });
    expect(await rest.ok(200, 'GET', `/api/leads/${lead.id}`)).toEqual(lead);
    const { items } = await rest.ok(200, 'GET', '/api/leads?q=grace');
    expect(items).toEqual([lead]);
  });

  test('takes an id that the client made, once', async () => {
    const id = uuidv7();
    expect((await rest.ok(201, 'POST', '/api/companies', { id, name: 'Acme' })).id).toBe(id);
    expect((await rest.ok(409, 'POST', '/api/companies', { id, name: 'Acme' })).code).toBe('already_exists');
  });

  test('keeps a deleted one out of reach until it is restored', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/contacts', { name: 'Ada' });
    expect((await rest.ok(200, 'DELETE', `/api/contacts/${id}`)).deletedAt).not.toBeNull();
    await rest.ok(200, 'DELETE', `/api/contacts/${id}`);
    await rest.ok(404, 'GET', `/api/contacts/${id}`);
    expect((await rest.ok(200, 'GET', `/api/contacts/${id}?deleted=true`)).id).toBe(id);
    expect((await rest.ok(200, 'GET', '/api/contacts')).items).toEqual([]);
    expect((await rest.ok(200, 'GET', '/api/contacts?deleted=true')).items).toHaveLength(1);
    expect((await rest.ok(409, 'PATCH', `/api/contacts/${id}`, { name: 'Eve' })).code).toBe('archived');
    expect((await rest.ok(200, 'POST', `/api/contacts/${id}/restore`)).deletedAt).toBeNull();
    expect((await rest.ok(200, 'GET', `/api/contacts/${id}`)).version).toBe(3);
  });

  test('may leave fields empty by null, in its creation and later', async () => {
    const given = {
      name: 'Ada',
      title: null,
      companyId: null,
      emails: [{ value: 'ada@example.com' }],
      customFields: { a: 1 },
    };
    const { id } = await rest.ok(201, 'POST', '/api/contacts', given);
    const nothing = { emails: null, phones: null, customFields: null };
    const patched = await rest.ok(200, 'PATCH', `/api/contacts/${id}`, nothing);
    expect(patched).toMatchObject({ emails: [], phones: [], version: 2 });
    expect(patched['customFields']).toEqual({});
    expect((await rest.ok(200, 'PATCH', `/api/contacts/${id}`, nothing))['version']).toBe(2);
    const call = {
      kind: 'call',
      about: { type: 'contact', id },
      direction: 'out',
      dueAt: null,
      note: null,
      subject: null,
    };
    expect(await rest.ok(201, 'POST', '/api/activities', call)).toMatchObject({ status: 'logged', note: null });
    await rest.ok(200, 'DELETE', `/api/contacts/${id}`);
  });

  test('is deleted and restored for a reason, if somebody gives one', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Twice' });
    await rest.ok(200, 'DELETE', `/api/deals/${id}`, { reason: 'entered twice' });
    await rest.ok(200, 'POST', `/api/deals/${id}/restore`, { reason: 'it was not' });
    const json = { 'content-type': 'application/json' };
    await rest.ok(200, 'DELETE', `/api/deals/${id}`, undefined, json);
    expect((await rest.ok(400, 'DELETE', `/api/deals/${id}`, { why: 'x' })).errors).toMatchObject([{ path: 'why' }]);
    const { rows } = await rest.test.test.database.owner.query<{ data: string }>(
      'select data from event where stream_id = $1 and version > 1 order by version',
      [id],
    );
    const reasons = rows.map(({ data }) => (JSON.parse(data) as { reason?: string }).reason);
    expect(reasons).toEqual(['entered twice', 'it was not', undefined]);
  });

  test.each(['leads', 'contacts', 'companies', 'deals', 'activities', 'pipelines'])(
    'of %s that one may not see answers like one that does not exist',
    async (name) => {
      const stranger = await rest.stranger();
      const mine = (await rest.ok(200, 'GET', `/api/pipelines`)).items[0].id as string;
      for (const id of [mine, NOWHERE, 'no-id']) {
        const answers = [
          await stranger('GET', `/api/${name}/${id}`),
          await stranger('GET', `/api/${name}/${id}/history`),
        ];
        for (const answer of answers) {
          expect(answer.statusCode).toBe(404);
          expect(answer.json()).toMatchObject({ code: 'not_found' });
        }
      }
    },
  );
});

describe('a patch', () => {
  test('of a deal becomes one group of the right events', async () => {
    const { items } = await rest.ok(200, 'GET', '/api/pipelines');
    const stages = items[0].stages as { id: string; name: string }[];
    const proposal = stages.find(({ name }) => name === 'Proposal')?.id;
    const deal = await rest.ok(201, 'POST', '/api/deals', { name: 'Ship', amountMinor: 100, currency: 'EUR' });
    const contact = await rest.ok(201, 'POST', '/api/contacts', { name: 'Bob' });
    const patched = await rest.ok(200, 'PATCH', `/api/deals/${deal['id']}`, {
      name: 'Big ship',
      stageId: proposal,
      amountMinor: 500,
      ownerId: null,
      expectedCloseDate: '2027-01-31',
      forecastCategory: 'commit',
      contactIds: [contact['id']],
    });
    expect(patched).toMatchObject({
      name: 'Big ship',
      stageId: proposal,
      probabilityBp: 5000,
      amountMinor: 500,
      currency: 'EUR',
      ownerId: null,
      contactIds: [contact['id']],
      version: 8,
    });
    const linked = await rest.ok(200, 'GET', `/api/deals?contactId=${contact['id']}`);
    expect(linked['items']).toEqual([patched]);
    const { items: history } = await rest.ok(200, 'GET', `/api/deals/${deal['id']}/history`);
    expect(history.map((entry: { type: string }) => entry.type)).toEqual([
      'DealCreated',
      'DealDetailsChanged',
      'DealStageChanged',
      'DealAmountChanged',
      'DealExpectedCloseDateChanged',
      'DealForecastCategoryChanged',
      'DealContactLinked',
      'DealAssigned',
    ]);
    expect(history[3].changes).toEqual([{ field: 'amountMinor', old: 100, new: 500 }]);
  });

  test('that changes nothing makes no event', async () => {
    const lead = await rest.ok(201, 'POST', '/api/leads', { name: 'Same', customFields: { size: 3 } });
    const again = await rest.ok(200, 'PATCH', `/api/leads/${lead['id']}`, { name: 'Same', customFields: { size: 3 } });
    expect(again).toEqual(lead);
  });

  test('lands whole or not at all', async () => {
    const deal = await rest.ok(201, 'POST', '/api/deals', { name: 'Whole' });
    const answer = await rest.ok(400, 'PATCH', `/api/deals/${deal['id']}`, { name: 'Half', stageId: NOWHERE });
    expect(answer).toMatchObject({ code: 'invalid_request', errors: [{ path: 'stageId' }] });
    expect(await rest.ok(200, 'GET', `/api/deals/${deal['id']}`)).toEqual(deal);
  });

  test('with a stale If-Match is refused where a critical register changed, and merges elsewhere', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Old', amountMinor: 1, currency: 'EUR' });
    await rest.ok(200, 'PATCH', `/api/deals/${id}`, { amountMinor: 2 });
    const stale = { 'if-match': '"1"' };
    expect((await rest.ok(409, 'PATCH', `/api/deals/${id}`, { amountMinor: 3 }, stale)).code).toBe('version_conflict');
    expect(await rest.ok(200, 'PATCH', `/api/deals/${id}`, { name: 'New' }, stale)).toMatchObject({
      version: 3,
      amountMinor: 2,
    });
    expect(
      (await rest.call('PATCH', `/api/deals/${id}`, { amountMinor: 4 }, { 'if-match': '"3"' })).headers['etag'],
    ).toBe('"4"');
    expect((await rest.ok(409, 'PATCH', `/api/deals/${id}`, { name: 'x' }, { 'if-match': '"9"' })).code).toBe(
      'version_conflict',
    );
    await rest.ok(400, 'PATCH', `/api/deals/${id}`, { name: 'x' }, { 'if-match': 'seven' });
  });

  test('with the same If-Match from two people at once is done once', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/deals', { name: 'Race', amountMinor: 1, currency: 'EUR' });
    const amounts = [2, 3, 4, 5].map((amountMinor) =>
      rest.call('PATCH', `/api/deals/${id}`, { amountMinor }, { 'if-match': '"1"' }),
    );
    const statuses = (await Promise.all(amounts)).map((answer) => answer.statusCode).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 409, 409, 409]);
    expect((await rest.ok(200, 'GET', `/api/deals/${id}`)).version).toBe(2);
  });

  test('of a contact links companies and records consent', async () => {
    const company = await rest.ok(201, 'POST', '/api/companies', { name: 'Link' });
    const { id } = await rest.ok(201, 'POST', '/api/contacts', {
      name: 'Lin',
      emails: [{ value: 'lin@example.com', primary: true }],
    });
    const body = { companyId: company['id'], companyRole: 'CTO', consents: { email: { status: 'granted' } } };
    expect(await rest.ok(200, 'PATCH', `/api/contacts/${id}`, body)).toMatchObject({
      companyId: company['id'],
      companyRole: 'CTO',
      consents: { email: { status: 'granted', purpose: null, basis: null } },
      version: 3,
    });
    expect(await rest.ok(200, 'PATCH', `/api/contacts/${id}`, { companyId: null })).toMatchObject({
      companyId: null,
      companyRole: null,
    });
  });

  test('of a lead changes status, priority, score and money', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/leads', { companyName: 'Only' });
    const body = { status: 'contacted', reason: 'called', priority: 'high', score: 7, amountMinor: 5, currency: 'JPY' };
    expect(await rest.ok(200, 'PATCH', `/api/leads/${id}`, body)).toMatchObject({
      status: 'contacted',
      reason: 'called',
      priority: 'high',
      score: 7,
      amountMinor: 5,
      currency: 'JPY',
      version: 5,
    });
  });

  test('of a pipeline adds, changes, orders and archives stages', async () => {
    const stages = [
      { name: 'First', kind: 'open', probabilityBp: 1000 },
      { name: 'Second', kind: 'open', probabilityBp: 2000 },
      { name: 'Won', kind: 'won' },
      { name: 'Lost', kind: 'lost' },
    ];
    const made = await rest.ok(201, 'POST', '/api/pipelines', { name: 'Renewals', stages });
    const [first, second, won, lost] = made['stages'];
    const body = {
      stages: [
        { id: second.id, name: 'Begin' },
        { id: first.id, archived: true },
        { name: 'Third', kind: 'open', probabilityBp: 3000 },
        { id: won.id },
        { id: lost.id },
      ],
    };
    const { stages: after } = await rest.ok(200, 'PATCH', `/api/pipelines/${made['id']}`, body);
    expect(after.map((stage: { name: string }) => stage.name)).toEqual(['Begin', 'First', 'Third', 'Won', 'Lost']);
    expect(after[1].archivedAt).not.toBeNull();
    expect((await rest.ok(405, 'DELETE', `/api/pipelines/${made['id']}`)).code).toBe('method_not_allowed');
  });
});

describe('a body', () => {
  const id = '01970000-0000-7000-8000-00000000000f';
  test.each([
    ['POST', 'leads', {}, ''],
    ['POST', 'leads', { name: 'x', colour: 'red' }, 'colour'],
    ['POST', 'leads', { name: 7 }, 'name'],
    ['POST', 'leads', { name: 'x', version: 1 }, 'version'],
    ['POST', 'leads', { name: 'x', ownerId: id }, 'ownerId'],
    ['POST', 'leads', { name: 'x', id: 'mine' }, 'id'],
    ['POST', 'leads', { name: 'x', amountMinor: 5 }, ''],
    ['POST', 'contacts', { title: 'nameless' }, 'name'],
    ['POST', 'contacts', { name: 'x', companyId: id }, 'companyId'],
    [
      'POST',
      'contacts',
      {
        name: 'x',
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      'emails',
    ],
    ['POST', 'deals', { name: 'x', amountMinor: -1, currency: 'EUR' }, 'amountMinor'],
    ['POST', 'deals', { name: 'x', amountMinor: 1.5, currency: 'EUR' }, 'amountMinor'],
    ['POST', 'deals', { name: 'x', amountMinor: 1, currency: 'euro' }, 'currency'],
    ['POST', 'deals', { name: 'x', stageId: id }, 'stageId'],
    ['POST', 'deals', { name: 'x', pipelineId: id }, 'pipelineId'],
    ['POST', 'deals', { name: 'x', expectedCloseDate: '2026-02-30' }, 'expectedCloseDate'],
    ['POST', 'deals', { name: 'x', contactIds: [id] }, 'contactIds.0'],
    ['POST', 'activities', { body: 'kindless' }, 'kind'],
    ['POST', 'activities', { kind: 'note', body: 'about nothing' }, 'about'],
    ['POST', 'activities', { kind: 'task', subject: 'x', dueAt: 'soon' }, 'dueAt'],
    ['POST', 'pipelines', { name: 'x', stages: [] }, 'stages'],
  ] as const)('%s %s %j is refused at "%s"', async (method, name, body, path) => {
    const response = await rest.call(method, `/api/${name}`, body);
    expect(response.statusCode).toBe(400);
    const { code, errors = [{ path: '' }] } = response.json();
    expect(code).toBe('invalid_request');
    expect(errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  test.each([
    ['leads', { reason: 'alone' }, 'reason'],
    ['deals', { pipelineId: id }, 'stageId'],
    ['deals', { outcome: 'won' }, 'outcome'],
    ['activities', { outcome: 'fine' }, 'status'],
    ['contacts', { name: null }, 'name'],
    ['companies', { parentId: id }, 'parentId'],
  ] as const)('PATCH %s %j is refused at "%s"', async (name, body, path) => {
    const about = await rest.ok(201, 'POST', '/api/leads', { name: 'x' });
    const bodies = { activities: { kind: 'note', body: 'x', about: { type: 'lead', id: about['id'] } } };
    const made = await rest.ok(201, 'POST', `/api/${name}`, name === 'activities' ? bodies[name] : { name: 'x' });
    const response = await rest.call('PATCH', `/api/${name}/${made['id']}`, body);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors.map((error: { path: string }) => error.path)).toContain(path);
  });
});

describe('an activity', () => {
  test('is logged or planned, done, and voided', async () => {
    const lead = await rest.ok(201, 'POST', '/api/leads', { name: 'About' });
    const about = { type: 'lead', id: lead['id'] };
    const note = await rest.ok(201, 'POST', '/api/activities', { kind: 'note', about, body: 'Hello' });
    expect(note).toMatchObject({ kind: 'note', status: 'logged', body: 'Hello', about });
    expect((await rest.ok(200, 'PATCH', `/api/activities/${note['id']}`, { body: 'Bye' })).body).toBe('Bye');
    await rest.ok(201, 'POST', '/api/activities', { kind: 'call', about, direction: 'out', durationSec: 60 });
    const task = await rest.ok(201, 'POST', '/api/activities', {
      kind: 'task',
      subject: 'Do',
      dueAt: '2027-01-01T00:00:00Z',
      about,
    });
    const done = await rest.ok(200, 'PATCH', `/api/activities/${task['id']}`, { status: 'completed', outcome: 'fine' });
    expect(done).toMatchObject({ status: 'completed', outcome: 'fine' });
    expect((await rest.ok(200, 'GET', `/api/activities?aboutId=${lead['id']}&sort=createdAt`)).items).toHaveLength(3);
    await rest.ok(200, 'DELETE', `/api/activities/${note['id']}`);
    expect((await rest.ok(200, 'GET', `/api/activities?aboutId=${lead['id']}`)).items).toHaveLength(2);
    await rest.ok(400, 'POST', '/api/activities', { kind: 'task', about });
    await rest.ok(400, 'POST', '/api/activities', { kind: 'note', about: { type: 'lead', id: NOWHERE }, body: 'x' });
  });
});

describe('a deal', () => {
  test('is won, reopened to where it was, and lost with a reason', async () => {
    const deal = await rest.ok(201, 'POST', '/api/deals', { name: 'End', amountMinor: 1000, currency: 'EUR' });
    const url = `/api/deals/${deal['id']}`;
    expect(await rest.ok(200, 'POST', `${url}/win`)).toMatchObject({ outcome: 'won', probabilityBp: 10000 });
    expect((await rest.ok(409, 'PATCH', url, { amountMinor: 5 })).code).toBe('wrong_state');
    expect(await rest.ok(200, 'POST', `${url}/reopen`, {})).toMatchObject({
      outcome: 'open',
      stageId: deal['stageId'],
    });
    await rest.ok(400, 'POST', `${url}/lose`, {});
    expect(await rest.ok(200, 'POST', `${url}/lose`, { reason: 'price', competitor: 'Them' })).toMatchObject({
      outcome: 'lost',
      reason: 'price',
      probabilityBp: 0,
    });
    await rest.ok(404, 'POST', `/api/deals/${NOWHERE}/win`);
  });

  test('is not won or lost again before it is reopened, nor reopened while it is open', async () => {
    const deal = await rest.ok(201, 'POST', '/api/deals', { name: 'Twice' });
    const url = `/api/deals/${deal['id']}`;
    const refused = async (move: string, body: object) => {
      const { code, detail } = await rest.ok(409, 'POST', `${url}/${move}`, body);
      return [code, detail];
    };
    expect(await refused('reopen', { stageId: deal['stageId'] })).toEqual(['wrong_state', 'This deal is open.']);
    await rest.ok(200, 'POST', `${url}/win`);
    for (const [move, body] of [
      ['win', {}],
      ['lose', { reason: 'price' }],
    ] as const)
      expect(await refused(move, body)).toEqual(['wrong_state', 'This deal is won: reopen it first.']);
    expect((await rest.ok(400, 'POST', `${url}/lose`, {})).code).toBe('invalid_request');
    expect(await rest.ok(200, 'GET', url)).toMatchObject({ outcome: 'won', version: 2 });
  });
});

describe('a conversion', () => {
  test('makes contact, company and deal once', async () => {
    const lead = await rest.ok(201, 'POST', '/api/leads', {
      name: 'Con',
      companyName: 'Verted',
      emails: [{ value: 'con@example.com' }],
      amountMinor: 900,
      currency: 'USD',
      source: 'fair',
    });
    const first = await rest.ok(200, 'POST', `/api/leads/${lead['id']}/convert`, { deal: { name: 'The deal' } });
    expect(first['lead']).toMatchObject({
      status: 'qualified',
      contactId: first['contact'].id,
      dealId: first['deal'].id,
    });
    expect(first['contact']).toMatchObject({ name: 'Con', companyId: first['company'].id, sourceLeadId: lead['id'] });
    expect(first['company']).toMatchObject({ name: 'Verted' });
    expect(first['deal']).toMatchObject({
      name: 'The deal',
      amountMinor: 900,
      currency: 'USD',
      source: 'fair',
      contactIds: [first['contact'].id],
    });
    expect(await rest.ok(200, 'POST', `/api/leads/${lead['id']}/convert`)).toEqual(first);
    expect((await rest.ok(409, 'PATCH', `/api/leads/${lead['id']}`, { name: 'x' })).code).toBe('wrong_state');
  });

  test('fills only what is empty in existing records', async () => {
    const company = await rest.ok(201, 'POST', '/api/companies', { name: 'Existing' });
    const contact = await rest.ok(201, 'POST', '/api/contacts', { name: 'Was here', title: 'CEO' });
    const lead = await rest.ok(201, 'POST', '/api/leads', { name: 'New', title: 'CTO', phones: [{ value: '+49' }] });
    const body = { company: { id: company['id'] }, contact: { id: contact['id'] }, deal: null };
    const done = await rest.ok(200, 'POST', `/api/leads/${lead['id']}/convert`, body);
    expect(done['contact']).toMatchObject({
      name: 'Was here',
      title: 'CEO',
      phones: [{ value: '+49' }],
      companyId: company['id'],
    });
    expect(done['company']).toEqual(company);
    expect(done['deal']).toBeNull();
  });

  test('at the same time by two people ends in one', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/leads', { name: 'Twice' });
    const [one, two] = await Promise.all([1, 2].map(() => rest.ok(200, 'POST', `/api/leads/${id}/convert`, {})));
    expect(one).toEqual(two);
    expect((await rest.ok(200, 'GET', '/api/contacts?q=twice')).items).toHaveLength(1);
  });

  test('of what is not there is refused by name', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/leads', { name: 'Ref' });
    const answer = await rest.ok(400, 'POST', `/api/leads/${id}/convert`, { company: { id: NOWHERE } });
    expect(answer['errors']).toEqual([{ path: 'company.id', message: 'there is no such company' }]);
    await rest.ok(404, 'POST', `/api/leads/${NOWHERE}/convert`, {});
  });
});

describe('a pipeline', () => {
  test('takes back its stages as they were read, and no other time of archiving', async () => {
    const stages = [
      { name: 'Open', kind: 'open', probabilityBp: 1000 },
      { name: 'Old', kind: 'open', probabilityBp: 2000 },
      { name: 'Won', kind: 'won' },
      { name: 'Lost', kind: 'lost' },
    ];
    const made = await rest.ok(201, 'POST', '/api/pipelines', { name: 'Round trip', stages });
    const { id } = made;
    const archived = made['stages'].map((stage: Json) => ({ ...stage, archived: stage['name'] === 'Old' }));
    const patched = await rest.ok(200, 'PATCH', `/api/pipelines/${id}`, { stages: archived });
    expect(await rest.ok(200, 'PATCH', `/api/pipelines/${id}`, { stages: patched['stages'] })).toEqual(patched);
    const other = patched['stages'].map((stage: Json) => ({ ...stage, archivedAt: '2020-01-01T00:00:00Z' }));
    const refused = await rest.ok(400, 'PATCH', `/api/pipelines/${id}`, { stages: other });
    expect(refused['errors']).toMatchObject([{ path: 'stages.0.archivedAt' }]);
  });
});

describe('the past', () => {
  test('is what was recorded strictly before a time, or up to a position', async () => {
    const created = await rest.call('POST', '/api/leads', { name: 'Then' });
    const { id, updatedAt } = created.json();
    const position = Number(created.headers['x-log-position']);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const now = await rest.ok(200, 'PATCH', `/api/leads/${id}`, { name: 'Now' });
    const at = (asOf: string | number) => rest.call('GET', `/api/leads/${id}?asOf=${asOf}`);
    expect((await at(position)).json()).toEqual(created.json());
    expect((await at(position - 1)).statusCode).toBe(404);
    expect((await at(updatedAt)).statusCode).toBe(404);
    expect((await at(now['updatedAt'])).json().name).toBe('Then');
    expect((await at(new Date(Date.parse(now['updatedAt']) + 1).toISOString())).json().name).toBe('Now');
    for (const future of ['2999-01-01T00:00:00Z', '2999-01-01', 10 ** 9])
      expect((await at(future)).statusCode).toBe(400);
    for (const nonsense of ['yesterday', '2026-02-31', '1e3', '']) expect((await at(nonsense)).statusCode).toBe(400);
  });

  test('keeps every change with who, when, and from what to what', async () => {
    const { id } = await rest.ok(201, 'POST', '/api/companies', { name: 'A', customFields: { tier: 1 } });
    await rest.ok(200, 'PATCH', `/api/companies/${id}`, { name: 'B', customFields: { tier: null } });
    await rest.ok(200, 'DELETE', `/api/companies/${id}`);
    const page = await rest.ok(200, 'GET', `/api/companies/${id}/history?limit=2`);
    expect(page['items']).toHaveLength(2);
    expect(page['items'][1]).toMatchObject({
      version: 2,
      type: 'CompanyDetailsChanged',
      actor: rest.me.user.id,
      device: rest.me.deviceId,
      superseded: [],
      changes: [
        { field: 'name', old: 'A', new: 'B' },
        { field: 'customFields.tier', old: 1, new: null },
      ],
    });
    const rest2 = await rest.ok(200, 'GET', `/api/companies/${id}/history?limit=2&after=${page['next']}`);
    expect(rest2['items'].map((entry: { type: string }) => entry.type)).toEqual(['CompanyDeleted']);
    expect(rest2['next']).toBeNull();
  });
});
