import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';
import { endShares } from '../../../src/server/sync/end-shares.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openSellers, type Sellers } from '../../support/sellers.ts';
import { proposed } from '../../support/workspace.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const open = (): Promise<Sellers> => openSellers(db.database);
const verdict = (result: PushResult): string => (result.status === 'rejected' ? result.code : result.status);
/** Whatever the event's id. */
const without = (result: PushResult): object => ({ ...result, id: null });
const shareWith = (userId: Uuid, access: 'read' | 'write', more: object = {}) => ({
  shareId: uuidv7(),
  with: { type: 'user', id: userId },
  access,
  ...more,
});

describe('a write', () => {
  test('to what one may not see answers exactly like one to what does not exist', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const hidden = await s.lead(null);
    await s.put('LeadDeleted', await s.lead(null), {});
    const note = (id: Uuid) => ({ about: { type: 'lead', id }, body: 'Hello.' });
    const missing = uuidv7();
    const pairs = await Promise.all([
      Promise.all([hidden, missing].map((id) => s.by(ann, 'LeadDetailsChanged', id, { title: 'Mine' }))),
      Promise.all([hidden, missing].map((id) => s.by(ann, 'LeadDeleted', id, {}))),
      Promise.all([hidden, missing].map((id) => s.by(ann, 'NoteAdded', uuidv7(), note(id)))),
      Promise.all([hidden, missing].map((id) => s.by(ann, 'RecordShared', id, shareWith(ann.userId, 'read')))),
      Promise.all([hidden, missing].map((id) => s.by(ann, 'DealStageChanged', id, { stageId: uuidv7() }))),
    ]);
    for (const [one, other] of pairs) {
      expect(without(one as PushResult)).toEqual(without(other as PushResult));
      expect(verdict(one as PushResult)).toBe('unknown_stream');
    }
  });

  test('that was unknown_stream is judged anew, one that was forbidden is not', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const lead = await s.lead(null);
    const [edit, other] = [1, 2].map((n) => proposed(ann, 'LeadDetailsChanged', lead, { title: `Title ${n}` }));
    const push = async (event: typeof edit) => verdict((await s.push.events(ann, [event])).results[0] as PushResult);
    expect(await push(edit)).toBe('unknown_stream');
    await s.put('RecordShared', lead, shareWith(ann.userId, 'read'), 'lead');
    expect(await push(other)).toBe('forbidden');
    await s.put('LeadAssigned', lead, { ownerId: ann.userId });
    expect(await push(edit)).toBe('accepted');
    const { results } = await s.push.events(ann, [other]);
    expect(results).toMatchObject([{ status: 'duplicate', of: 'rejected', code: 'forbidden' }]);
  });

  test('by a share needs one to write with, and shares nothing on', async () => {
    const s = await open();
    const [ann, bob] = [await s.person('rep'), await s.person('rep')];
    await s.policy('owner');
    const [read, write] = [await s.lead(null), await s.lead(null)];
    await s.put('RecordShared', read, shareWith(ann.userId, 'read'), 'lead');
    await s.put('RecordShared', write, shareWith(ann.userId, 'write'), 'lead');
    expect(verdict(await s.by(ann, 'LeadDetailsChanged', read, { title: 'No' }))).toBe('forbidden');
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), { about: { type: 'lead', id: read }, body: 'No' }))).toBe(
      'forbidden',
    );
    expect(verdict(await s.by(ann, 'LeadDetailsChanged', write, { title: 'Yes' }))).toBe('accepted');
    expect(verdict(await s.by(ann, 'RecordShared', write, shareWith(bob.userId, 'read')))).toBe('forbidden');
  });

  test('of a rep is for own records and those of the own teams', async () => {
    const s = await open();
    const [east, west] = [await s.team(), await s.team()];
    const [ann, bob, cat] = [await s.person('rep', east), await s.person('rep', east), await s.person('rep', west)];
    const edit = (id: Uuid) => s.by(ann, 'LeadDetailsChanged', id, { title: 'Edited' });
    // Everyone sees everything, which is not to say that everyone writes everything.
    const owners = [ann.userId, bob.userId, cat.userId, null];
    const leads = await Promise.all(owners.map((owner) => s.lead(owner)));
    const western = await s.lead(ann.userId, west);
    const verdicts = [];
    for (const id of [...leads, await s.lead(null, east), await s.lead(null, west), western])
      verdicts.push(await edit(id));
    expect(verdicts.map(verdict)).toEqual([
      'accepted',
      'accepted',
      'forbidden',
      'accepted',
      'accepted',
      'forbidden',
      'accepted',
    ]);
  });

  test('of a rep converts own leads alone', async () => {
    const s = await open();
    const ann = await s.person('rep');
    const contactId = uuidv7();
    await s.put('ContactCreated', contactId, { name: 'Grace' });
    const [own, other] = [await s.lead(ann.userId), await s.lead(null)];
    expect(verdict(await s.by(ann, 'LeadConverted', other, { contactId }))).toBe('forbidden');
    expect(verdict(await s.by(ann, 'LeadConverted', own, { contactId }))).toBe('accepted');
  });

  test('assigns within the own teams: of a manager and below, of a rep alone', async () => {
    const s = await open();
    const east = await s.team();
    const [below, west] = [await s.team(east), await s.team()];
    const [boss, ann] = [await s.person('manager', east), await s.person('rep', east)];
    const [low, far, free] = [await s.person('rep', below), await s.person('rep', west), await s.person('rep')];
    const assign = async (who: typeof boss, data: { ownerId: Uuid | null; teamId?: Uuid | null }) =>
      verdict(await s.by(who, 'LeadAssigned', await s.lead(ann.userId, east), data));
    expect(await assign(boss, { ownerId: low.userId, teamId: below })).toBe('accepted');
    expect(await assign(boss, { ownerId: far.userId })).toBe('forbidden');
    expect(await assign(boss, { ownerId: null, teamId: west })).toBe('forbidden');
    expect(await assign(ann, { ownerId: low.userId })).toBe('forbidden');
    expect(await assign(ann, { ownerId: free.userId })).toBe('accepted');
    expect(await assign(ann, { ownerId: boss.userId, teamId: null })).toBe('accepted');
    expect(await assign(s.principal, { ownerId: far.userId, teamId: west })).toBe('accepted');
  });

  test('refers to nothing that its author does not see', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const companyId = uuidv7();
    await s.put('CompanyCreated', companyId, { name: 'Hidden', ownerId: null });
    const create = (id: Uuid) => s.by(ann, 'ContactCreated', uuidv7(), { name: 'Grace', companyId: id });
    const [hidden, missing] = [await create(companyId), await create(uuidv7())];
    expect(without(hidden)).toEqual(without(missing));
    expect(verdict(hidden)).toBe('unknown_stream');
  });

  test('is judged by rights that changed in the very same moment', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const lead = await s.lead(ann.userId);
    const edits = Array.from({ length: 20 }, () => s.by(ann, 'LeadDetailsChanged', lead, { title: 'Mine' }));
    const revoked = s.put('RoleChanged', ann.userId, { role: 'auditor' });
    const after = Array.from({ length: 20 }, () => s.by(ann, 'LeadDetailsChanged', lead, { title: 'Still mine' }));
    await revoked;
    expect(new Set((await Promise.all(edits)).map(verdict))).toEqual(new Set(['accepted']));
    expect(new Set((await Promise.all(after)).map(verdict))).toEqual(new Set(['forbidden']));
  });
});

describe('an activity that was written down offline', () => {
  const noteOf = (lead: Uuid, version?: number) => ({
    about: { type: 'lead', id: lead, ...(version === undefined ? {} : { version }) },
    body: 'Met her at noon.',
  });

  test('is judged by the record as its author saw it', async () => {
    const s = await open();
    const [ann, bob] = [await s.person('rep'), await s.person('rep')];
    await s.policy('owner');
    const lead = await s.lead(ann.userId);
    await s.put('LeadAssigned', lead, { ownerId: bob.userId });
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), noteOf(lead, 1)))).toBe('accepted');
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), noteOf(lead, 2)))).toBe('unknown_stream');
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), noteOf(lead, 9)))).toBe('unknown_stream');
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), noteOf(lead)))).toBe('unknown_stream');
  });

  test('is too late when the record left more than 14 days ago', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const [old, recent] = [await s.lead(ann.userId), await s.lead(ann.userId)];
    for (const [lead, days] of [
      [old, 15],
      [recent, 13],
    ] as const) {
      await s.put('LeadAssigned', lead, { ownerId: null });
      await db.database.owner.query(
        `update event set recorded_at = now() - make_interval(days => $2) where stream_id = $1 and type = 'LeadAssigned'`,
        [lead, days],
      );
    }
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), noteOf(old, 1)))).toBe('unknown_stream');
    expect(verdict(await s.by(ann, 'NoteAdded', uuidv7(), noteOf(recent, 1)))).toBe('accepted');
  });
});

describe('a share that has expired', () => {
  test('is written down as ended once, by however many servers', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const [lead, deleted] = [await s.lead(null), await s.lead(null)];
    const expiresAt = new Date(s.clock.now + 1000).toISOString();
    for (const id of [lead, deleted])
      await s.put('RecordShared', id, shareWith(ann.userId, 'write', { expiresAt }), 'lead');
    await s.put('LeadDeleted', deleted, {});
    s.clock.now += 1000;
    expect(verdict(await s.by(ann, 'LeadDetailsChanged', lead, { title: 'Late' }))).toBe('unknown_stream');
    const parts = { access: s.access, push: s.push, now: () => s.clock.now };
    await Promise.all([endShares(parts), endShares(parts)]);
    const { rows } = await db.database.owner.query(
      `select actor_id as actor, data from event where workspace_id = $1 and type = 'RecordShareRevoked'`,
      [s.principal.workspaceId],
    );
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).toContain('expired');
    const states = (await s.pullAll(s.principal, null)).flatMap(({ ops }) => ops);
    for (const id of [lead, deleted]) {
      expect(states.find(({ stream }) => stream?.id === id)?.state).toMatchObject({ shares: [] });
    }
  });
});

describe('an amount for a period', () => {
  const quarter = { periodStart: '2026-01-01', periodEnd: '2026-04-01', amountMinor: 500_000, currency: 'USD' };
  const set = async () => {
    const s = await open();
    const east = await s.team();
    const [below, west] = [await s.team(east), await s.team()];
    const [boss, ann] = [await s.person('manager', east), await s.person('rep', east)];
    const [low, far] = [await s.person('rep', below), await s.person('rep', west)];
    const say = async (who: typeof boss, type: 'QuotaSet' | 'ForecastSubmitted', subject: object) =>
      verdict(await s.by(who, type, uuidv7(), { ...quarter, ...subject }));
    return { s, east, below, west, boss, ann, low, far, say };
  };

  test('is set as a quota by admins, and by managers for people and teams below them', async () => {
    const { s, east, below, west, boss, ann, low, far, say } = await set();
    const quota = (who: typeof boss, subject: object) => say(who, 'QuotaSet', subject);
    expect(await quota(boss, { ownerId: ann.userId })).toBe('accepted');
    expect(await quota(boss, { ownerId: low.userId })).toBe('accepted');
    expect(await quota(boss, { teamId: east })).toBe('accepted');
    expect(await quota(boss, { teamId: below })).toBe('accepted');
    expect(await quota(boss, { ownerId: boss.userId })).toBe('forbidden');
    expect(await quota(boss, { ownerId: far.userId })).toBe('forbidden');
    expect(await quota(boss, { teamId: west })).toBe('forbidden');
    expect(await quota(boss, {})).toBe('forbidden');
    expect(await quota(ann, { ownerId: ann.userId })).toBe('forbidden');
    expect(await quota(s.principal, {})).toBe('accepted');
    expect(await quota(s.principal, { ownerId: boss.userId })).toBe('accepted');
  });

  test('is submitted as a forecast by its owner, or by a manager above', async () => {
    const { s, east, west, boss, ann, low, far, say } = await set();
    const forecast = (who: typeof boss, subject: object) => say(who, 'ForecastSubmitted', subject);
    expect(await forecast(ann, {})).toBe('accepted');
    expect(await forecast(ann, { ownerId: ann.userId })).toBe('accepted');
    expect(await forecast(ann, { ownerId: low.userId })).toBe('forbidden');
    expect(await forecast(ann, { teamId: east })).toBe('forbidden');
    expect(await forecast(ann, { ownerId: null })).toBe('forbidden');
    expect(await forecast(boss, {})).toBe('accepted');
    expect(await forecast(boss, { ownerId: low.userId })).toBe('accepted');
    expect(await forecast(boss, { teamId: east })).toBe('accepted');
    expect(await forecast(boss, { ownerId: far.userId })).toBe('forbidden');
    expect(await forecast(boss, { teamId: west })).toBe('forbidden');
    expect(await forecast(await s.person('auditor'), {})).toBe('forbidden');
  });

  test('is seen by its person and those above, where records are; a rate is seen by everyone', async () => {
    const { s, boss, ann, low, far } = await set();
    const [quota, rate] = [uuidv7(), uuidv7()];
    await s.put('QuotaSet', quota, { ...quarter, ownerId: ann.userId });
    await s.put('ExchangeRateRecorded', rate, { base: 'EUR', quote: 'USD', rate: '1.1', asOf: '2026-01-01' });
    await s.policy('owner');
    const seen = async (who: typeof boss) => {
      const ids = new Set((await s.pullAll(who, null)).flatMap(({ ops }) => ops).map((op) => op.stream?.id));
      return [ids.has(quota), ids.has(rate)];
    };
    expect(await seen(ann)).toEqual([true, true]);
    expect(await seen(boss)).toEqual([true, true]);
    expect(await seen(low)).toEqual([false, true]);
    expect(await seen(far)).toEqual([false, true]);
    expect(await seen(await s.person('analyst'))).toEqual([false, true]);
  });
});
