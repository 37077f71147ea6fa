import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProposedEvent } from '../../../src/shared/contract/envelope.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { clockAt, foundWorkspace, proposed, statuses, type Bench } from '../../support/workspace.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const bench = (): Promise<Bench> => foundWorkspace(db.database);
const lead = ({ principal }: Bench, id = uuidv7(), more: Partial<ProposedEvent> = {}) => ({
  ...proposed(principal, 'LeadCreated', id, { name: 'Grace' }),
  ...more,
});

const rows = async (workspaceId: string): Promise<{ position: number; version: number; type: string }[]> =>
  (
    await db.database.owner.query(
      'select position, version, type from event where workspace_id = $1 order by position',
      [workspaceId],
    )
  ).rows;

describe('an event that is accepted', () => {
  test('gets the next position, its version and its effective clock', async () => {
    const b = await bench();
    const created = lead(b);
    const changed = proposed(b.principal, 'LeadStatusChanged', created.stream.id, { status: 'contacted' });
    const { results, head } = await b.push.events(b.principal, [created, changed]);
    expect(results).toEqual([
      { id: created.id, status: 'accepted', position: 5, version: 1, clock: created.at },
      { id: changed.id, status: 'accepted', position: 6, version: 2, clock: changed.at },
    ]);
    expect(head).toBe(6);
  });

  test('answers a repetition with its whole first result, for ever', async () => {
    const b = await bench();
    const event = lead(b);
    const { results: first } = await b.push.events(b.principal, [event]);
    await b.push.events(b.principal, [lead(b)]);
    const { results } = await b.push.events(b.principal, [event]);
    expect(results).toEqual([{ ...first[0], status: 'duplicate', of: 'accepted' }]);
    expect(await rows(b.principal.workspaceId)).toHaveLength(6);
  });

  test('is a repetition whatever the order of its keys', async () => {
    const b = await bench();
    const event = lead(b);
    await b.push.events(b.principal, [event]);
    const shuffled = Object.fromEntries(Object.entries(event).toReversed());
    expect(statuses((await b.push.events(b.principal, [shuffled])).results)).toEqual(['duplicate']);
  });

  test('is taken once when it comes twice in one request', async () => {
    const b = await bench();
    const event = lead(b);
    const { results } = await b.push.events(b.principal, [event, event]);
    expect(statuses(results)).toEqual(['accepted', 'duplicate']);
    expect(await rows(b.principal.workspaceId)).toHaveLength(5);
  });

  test('keeps its id for its content: another content is id_reuse', async () => {
    const b = await bench();
    const event = lead(b);
    await b.push.events(b.principal, [event]);
    const { results } = await b.push.events(b.principal, [{ ...event, data: { name: 'Somebody else' } }]);
    expect(statuses(results)).toEqual(['id_reuse']);
  });
});

describe('a bad event', () => {
  test('gets its own verdict and the rest of the batch lands', async () => {
    const b = await bench();
    const good = lead(b);
    const bad: unknown[] = [
      null,
      7,
      { ...lead(b), colour: 'red' },
      { ...lead(b), type: 'LeadPainted' },
      { ...lead(b), schemaVersion: 99 },
      { ...lead(b), data: { name: 'nul \u0000 inside' } },
      { ...lead(b), data: { name: 'lone \ud800 surrogate' } },
      { ...lead(b), data: { name: 'x'.repeat(33_000) } },
      { ...lead(b), data: { name: 'Grace', amountMinor: -1, currency: 'EUR' } },
      { ...lead(b), actor: b.principal.userId },
      proposed(b.principal, 'LeadStatusChanged', uuidv7(), { status: 'new' }),
      lead(b, uuidv7(), { at: clockAt('2026-01-01T00:00:00.000Z', uuidv7()).replace('-0000-', '-00001-') }),
    ];
    const { results } = await b.push.events(b.principal, [...bad, good]);
    expect(statuses(results)).toEqual([
      'invalid',
      'invalid',
      'invalid',
      'unknown_type',
      'unknown_type',
      'invalid',
      'invalid',
      'invalid',
      'invalid',
      'invalid',
      'unknown_stream',
      'invalid',
      'accepted',
    ]);
    expect(results.at(-1)).toMatchObject({ position: 5 });
  });

  test('of a type or stream that only a newer server knows is unknown_type, and judged anew after an upgrade', async () => {
    const b = await bench();
    const quota = { ...lead(b), type: 'CampaignPlanned', stream: { type: 'quota', id: uuidv7() } };
    const later = proposed(b.principal, 'LeadPriorityChanged', quota.stream.id, { priority: 'high' });
    const { results } = await b.push.events(b.principal, [quota, later]);
    expect(statuses(results)).toEqual(['unknown_type', 'blocked']);
    expect(statuses((await b.push.events(b.principal, [quota])).results)).toEqual(['unknown_type']);
  });

  test('names each field that it does not know, and its own id as it was sent', async () => {
    const b = await bench();
    const event = { ...lead(b, uuidv7(), { id: 'MINE', data: { name: 'Ada', zzz: 1, yyy: 2 } }), id: 'MINE' };
    const [result] = (await b.push.events(b.principal, [event])).results;
    expect(result).toMatchObject({ id: 'MINE', fields: [{ path: 'id' }] });
    const [data] = (await b.push.events(b.principal, [{ ...event, id: uuidv7() }])).results;
    expect(data).toMatchObject({ fields: [{ path: 'data.zzz' }, { path: 'data.yyy' }] });
  });

  test('names the field that is wrong', async () => {
    const b = await bench();
    const event = proposed(b.principal, 'DealCreated', uuidv7(), { name: 'Big', amountMinor: -5, currency: 'EUR' });
    const { results } = await b.push.events(b.principal, [event]);
    expect(results[0]).toMatchObject({ code: 'invalid', fields: [{ path: 'data.amountMinor' }] });
  });

  test('is remembered when time cannot change the refusal, and judged anew when it can', async () => {
    const b = await bench();
    const invalid = lead(b, uuidv7(), { data: { name: '' } });
    const early = proposed(b.principal, 'LeadStatusChanged', uuidv7(), { status: 'contacted' });
    const { results: first } = await b.push.events(b.principal, [invalid, early]);
    expect(statuses(first)).toEqual(['invalid', 'unknown_stream']);
    await b.push.events(b.principal, [
      lead(b, early.stream.id, { at: clockAt('2026-01-01T00:00:00.000Z', b.principal.deviceId) }),
    ]);
    const { results } = await b.push.events(b.principal, [invalid, early]);
    expect(results[0]).toEqual({ ...first[0], status: 'duplicate', of: 'rejected' });
    expect(statuses(results)).toEqual(['duplicate', 'accepted']);
  });

  test('blocks later events of a stream whose creation was refused, and what refers to it', async () => {
    const b = await bench();
    const refused = lead(b, uuidv7(), { data: {} });
    const change = proposed(b.principal, 'LeadStatusChanged', refused.stream.id, { status: 'new' });
    const note = proposed(b.principal, 'NoteAdded', uuidv7(), {
      about: { type: 'lead', id: refused.stream.id },
      body: 'hi',
    });
    const other = lead(b);
    const { results } = await b.push.events(b.principal, [refused, change, note, other]);
    expect(statuses(results)).toEqual(['invalid', 'blocked', 'blocked', 'accepted']);
    expect(results[2]).toMatchObject({ blockedBy: refused.id });
  });

  test('on a deleted record is archived until the record is restored', async () => {
    const b = await bench();
    const created = lead(b);
    const of = (type: 'LeadDeleted' | 'LeadRestored') => proposed(b.principal, type, created.stream.id, {});
    const change = () => proposed(b.principal, 'LeadStatusChanged', created.stream.id, { status: 'contacted' });
    const { results } = await b.push.events(b.principal, [
      created,
      of('LeadDeleted'),
      change(),
      of('LeadRestored'),
      change(),
    ]);
    expect(statuses(results)).toEqual(['accepted', 'accepted', 'archived', 'accepted', 'accepted']);
  });

  test('of a role that writes nothing is forbidden', async () => {
    const b = await bench();
    const { results } = await b.push.events({ ...b.principal, userId: uuidv7(), role: 'auditor' }, [lead(b)]);
    expect(statuses(results)).toEqual(['forbidden']);
  });
});

describe('a group', () => {
  const grouped = (b: Bench, events: ProposedEvent[], group = uuidv7()) => events.map((event) => ({ ...event, group }));

  test('lands whole over several streams', async () => {
    const b = await bench();
    const company = proposed(b.principal, 'CompanyCreated', uuidv7(), { name: 'Acme' });
    const contact = proposed(b.principal, 'ContactCreated', uuidv7(), { name: 'Ada', companyId: company.stream.id });
    expect(statuses((await b.push.events(b.principal, grouped(b, [company, contact]))).results)).toEqual([
      'accepted',
      'accepted',
    ]);
  });

  test('is nothing when one of it is refused: the others are blocked by it, before and after', async () => {
    const b = await bench();
    const bad = lead(b, uuidv7(), { data: { name: '' } });
    const group = grouped(b, [lead(b), bad, lead(b)]);
    const after = lead(b);
    const { results } = await b.push.events(b.principal, [...group, after]);
    expect(statuses(results)).toEqual(['blocked', 'invalid', 'blocked', 'accepted']);
    expect(results[0]).toMatchObject({ blockedBy: bad.id });
    expect((await rows(b.principal.workspaceId)).slice(4)).toEqual([{ position: 5, version: 1, type: 'LeadCreated' }]);
  });

  test('sent again after a refusal stays refused, and lands once it is mended', async () => {
    const b = await bench();
    const [first, bad] = [lead(b), lead(b, uuidv7(), { data: { name: '' } })];
    await b.push.events(b.principal, grouped(b, [first, bad]));
    expect(statuses((await b.push.events(b.principal, [first])).results)).toEqual(['accepted']);
  });

  test('of more than 200 events is refused', async () => {
    const b = await bench();
    const { results } = await b.push.events(
      b.principal,
      grouped(
        b,
        Array.from({ length: 201 }, () => lead(b)),
      ),
    );
    expect(new Set(statuses(results))).toEqual(new Set(['invalid']));
    expect(await rows(b.principal.workspaceId)).toHaveLength(4);
  });
});

describe('merging', () => {
  test('lets the newer clock keep its field and names what the older one lost', async () => {
    const b = await bench();
    const created = lead(b, uuidv7(), { at: clockAt('2026-03-01T08:00:00.000Z', b.principal.deviceId) });
    const change = (data: Record<string, string>, time: string) => ({
      ...proposed(b.principal, 'LeadDetailsChanged', created.stream.id, data),
      at: clockAt(time, b.principal.deviceId),
    });
    const newer = change({ title: 'CTO' }, '2026-03-01T10:00:00.000Z');
    const older = change({ title: 'CEO', source: 'fair' }, '2026-03-01T09:00:00.000Z');
    const { results } = await b.push.events(b.principal, [created, newer, older]);
    expect(results[2]).toMatchObject({ status: 'merged', version: 3, superseded: ['title'] });
    const { rows: states } = await db.database.owner.query('select state from stream where stream_id = $1', [
      created.stream.id,
    ]);
    expect(JSON.parse(states[0].state)).toMatchObject({ title: 'CTO', source: 'fair' });
  });

  test('clamps a clock from the future to a minute after its reception and keeps the order of its device', async () => {
    const b = await bench();
    const future = (n: number) => clockAt('2036-01-01T00:00:00.000Z', b.principal.deviceId, n);
    const created = lead(b, uuidv7(), { at: future(0) });
    const change = (title: string, n: number) => ({
      ...proposed(b.principal, 'LeadDetailsChanged', created.stream.id, { title }),
      at: future(n),
    });
    const { results } = await b.push.events(b.principal, [created, change('first', 1), change('second', 2)]);
    expect(statuses(results)).toEqual(['accepted', 'accepted', 'accepted']);
    const clocks = results.map((result) => ('clock' in result ? result.clock : ''));
    expect(clocks.toSorted()).toEqual(clocks);
    expect(Date.parse((clocks[0] ?? '').slice(0, 24)) - Date.now()).toBeLessThanOrEqual(60_000);
  });
});
