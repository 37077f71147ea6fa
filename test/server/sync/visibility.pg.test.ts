import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import type { Answer } from '../../support/naive-client.ts';
import { openSellers, told, type Sellers } from '../../support/sellers.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db[Symbol.asyncDispose]());

const open = (): Promise<Sellers> => openSellers(db.database);
const last = (pages: readonly Answer[]): Answer => pages.at(-1) as Answer;
/** Of the leads and activities alone. */
const records = (pages: Answer | readonly Answer[]): string[] =>
  told([pages].flat().map((page) => ({ ...page, ops: page.ops.filter(isRecord) })));
const isRecord = ({ stream }: Answer['ops'][number]): boolean =>
  stream === undefined || stream.type === 'lead' || stream.type === 'activity';

const note = async (s: Sellers, about: Uuid): Promise<Uuid> => {
  const id = uuidv7();
  await s.put('NoteAdded', id, { about: { type: 'lead', id: about }, body: 'Noted.' });
  return id;
};

describe('who sees a record', () => {
  test('is everyone, the team or the owner, as the workspace says', async () => {
    const s = await open();
    const [east, west] = [await s.team(), await s.team()];
    const [ann, bob, cat] = [await s.person('rep', east), await s.person('rep', east), await s.person('rep', west)];
    const lead = await s.lead(ann.userId, east);
    const seers = async () => {
      const pages = await Promise.all([ann, bob, cat].map((who) => s.pullAll(who, null)));
      return pages.map((all) => records(all).includes(`enter ${lead}`));
    };
    expect(await seers()).toEqual([true, true, true]);
    await s.policy('team');
    expect(await seers()).toEqual([true, true, false]);
    await s.policy('owner');
    expect(await seers()).toEqual([true, false, false]);
  });

  test('of a record without a team is whoever shares a team with its owner', async () => {
    const s = await open();
    const [east, west] = [await s.team(), await s.team()];
    const [ann, bob, cat] = [
      await s.person('rep', east),
      await s.person('rep', east, west),
      await s.person('rep', west),
    ];
    await s.policy('team');
    const [hers, westerly] = [await s.lead(ann.userId), await s.lead(bob.userId, west)];
    expect(records(await s.pullAll(bob, null)).toSorted()).toEqual([`enter ${hers}`, `enter ${westerly}`].toSorted());
    expect(records(await s.pullAll(cat, null))).toEqual([`enter ${westerly}`]);
    // The team of a record decides, whatever other teams its owner is in.
    expect(records(await s.pullAll(ann, null))).toEqual([`enter ${hers}`]);
  });

  test('is a manager of the team or of one above, whatever the policy', async () => {
    const s = await open();
    const top = await s.team();
    const middle = await s.team(top);
    const bottom = await s.team(middle);
    const [boss, peer] = [await s.person('manager', middle), await s.person('manager', bottom)];
    const rep = await s.person('rep', bottom);
    await s.policy('owner');
    const [below, own, above] = [await s.lead(rep.userId, bottom), await s.lead(null, middle), await s.lead(null, top)];
    expect(records(await s.pullAll(boss, null)).toSorted()).toEqual([`enter ${below}`, `enter ${own}`].toSorted());
    expect(records(await s.pullAll(peer, null))).toEqual([`enter ${below}`]);
    expect(records(await s.pullAll(rep, null))).toEqual([`enter ${below}`]);
    expect(records(await s.pullAll(await s.person('auditor'), null))).toContain(`enter ${above}`);
  });

  test('is no analyst by sync, and nobody else loses the set-up of the workspace', async () => {
    const s = await open();
    await s.lead(null);
    const pages = await s.pullAll(await s.person('analyst'), null);
    expect(records(pages)).toEqual([]);
    expect(new Set(pages.flatMap(({ ops }) => ops.map(({ stream }) => stream?.type)))).toEqual(
      new Set(['user', 'workspace', 'pipeline']),
    );
  });

  test('is whom it is shared with, until the share is revoked or ends by the clock', async () => {
    const s = await open();
    const team = await s.team();
    const [ann, bob] = [await s.person('rep'), await s.person('rep', team)];
    await s.policy('owner');
    const [one, other] = [await s.lead(null), await s.lead(null)];
    const shares = [uuidv7(), uuidv7()] as [string, string];
    const cursors = [last(await s.pullAll(ann, null)).cursor, last(await s.pullAll(bob, null)).cursor] as [
      string,
      string,
    ];
    const expiresAt = new Date(s.clock.now + 60_000).toISOString();
    await s.put(
      'RecordShared',
      one,
      { shareId: shares[0], with: { type: 'user', id: ann.userId }, access: 'read' },
      'lead',
    );
    await s.put(
      'RecordShared',
      other,
      { shareId: shares[1], with: { type: 'team', id: team }, access: 'write', expiresAt },
      'lead',
    );
    const [hers, his] = [await s.pullAll(ann, cursors[0]), await s.pullAll(bob, cursors[1])];
    expect(records(hers)).toEqual([`enter ${one}`]);
    expect(hers[0]?.ops[0]?.state).toMatchObject({ shares: [{ shareId: shares[0], access: 'read', expiresAt: null }] });
    expect(records(his)).toEqual([`enter ${other}`]);
    await s.put('RecordShareRevoked', one, { shareId: shares[0] }, 'lead');
    s.clock.now += 60_000;
    expect(records(await s.pullAll(ann, last(hers).cursor))).toEqual([`leave ${one}`]);
    expect(records(await s.pullAll(bob, last(his).cursor))).toEqual([`leave ${other}`]);
  });
});

describe('a page of events', () => {
  test('holds what the principal sees, and its cursor is how far the log was scanned', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const { cursor } = last(await s.pullAll(ann, null));
    await s.lead(null);
    const unseen = await s.pull(ann, { cursor });
    expect(unseen).toMatchObject({ ops: [], upToDate: true, through: unseen.head });
    const own = await s.lead(ann.userId);
    await s.lead(null);
    const page = await s.pull(ann, { cursor: unseen.cursor });
    expect(told(page)).toEqual([`event ${own}`]);
    expect(page.through).toBe(page.head);
  });

  test('tells a record that comes into sight by its present state, without what happened before', async () => {
    const s = await open();
    const [ann, bob] = [await s.person('rep'), await s.person('rep')];
    await s.policy('owner');
    const lead = await s.lead(ann.userId, null, 'A secret name');
    const { cursor } = last(await s.pullAll(bob, null));
    await s.put('LeadDetailsChanged', lead, { name: 'A name for everyone' });
    await s.put('LeadAssigned', lead, { ownerId: bob.userId });
    const page = await s.pull(bob, { cursor });
    expect(page.ops).toMatchObject([{ op: 'enter', version: 3, state: { name: 'A name for everyone' } }]);
    expect(JSON.stringify(page)).not.toContain('A secret name');
  });

  test('tells a record that goes out of sight by its id alone', async () => {
    const s = await open();
    const [ann, bob] = [await s.person('rep'), await s.person('rep')];
    await s.policy('owner');
    const lead = await s.lead(ann.userId);
    await note(s, lead);
    const { cursor } = last(await s.pullAll(ann, null));
    await s.put('LeadDetailsChanged', lead, { title: 'Unseen' });
    await s.put('LeadAssigned', lead, { ownerId: bob.userId });
    const page = await s.pull(ann, { cursor });
    expect(page.ops).toEqual([{ op: 'leave', stream: { type: 'lead', id: lead } }]);
  });

  test('brings along the activities of a record that was reassigned, over any number of pages', async () => {
    const s = await open();
    const [ann, bob] = [await s.person('rep'), await s.person('rep')];
    await s.policy('owner');
    const lead = await s.lead(ann.userId);
    const notes = [];
    for (let n = 0; n < 9; n += 1) notes.push(await note(s, lead));
    const { cursor } = last(await s.pullAll(bob, null));
    await s.put('LeadAssigned', lead, { ownerId: bob.userId });
    const pages = await s.pullAll(bob, cursor, { limit: 2 });
    expect(records(pages)).toEqual([`enter ${lead}`, ...notes.map((id) => `enter ${id}`)]);
    expect(pages.slice(0, -1).every(({ upToDate }) => !upToDate)).toBe(true);
    // And then events again, of the record and of what is about it.
    const later = await note(s, lead);
    expect(records(await s.pull(bob, { cursor: last(pages).cursor }))).toEqual([`event ${later}`]);
  });

  test('that is lost on the way comes again, whatever happened to the rights meanwhile', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const lead = await s.lead(ann.userId);
    const { cursor } = last(await s.pullAll(ann, null));
    await s.put('LeadAssigned', lead, { ownerId: null });
    expect(records(await s.pull(ann, { cursor }))).toEqual([`leave ${lead}`]);
    await s.put('LeadAssigned', lead, { ownerId: ann.userId });
    expect(records(await s.pull(ann, { cursor }))).toEqual([`enter ${lead}`]);
  });
});

describe('a change of the own rights', () => {
  test('is told by the scopes that were lost, and a backfill of what was gained', async () => {
    const s = await open();
    const [east, west] = [await s.team(), await s.team()];
    const ann = await s.person('rep', east);
    await s.policy('team');
    const eastern = await s.lead(null, east);
    const western = [];
    for (let n = 0; n < 5; n += 1) western.push(await s.lead(null, west));
    const about = await note(s, western[2] as string);
    const before = last(await s.pullAll(ann, null));
    const scope = before.ops.find(({ stream }) => stream?.id === eastern)?.scope;
    await s.put('TeamMemberRemoved', east, { userId: ann.userId });
    await s.put('TeamMemberAdded', west, { userId: ann.userId });
    const pages = await s.pullAll(ann, before.cursor, { limit: 3 });
    const ops = records(pages);
    expect(ops[0]).toBe(`leave ${scope}`);
    expect(ops.slice(1).toSorted()).toEqual([...western, about].map((id) => `enter ${id}`).toSorted());
    expect(JSON.stringify(pages)).not.toContain(eastern);
  });

  test('sends what was written before it was noticed as states, and what comes after as events', async () => {
    const s = await open();
    const team = await s.team();
    const ann = await s.person('rep');
    await s.policy('team');
    const lead = await s.lead(null, team);
    const { cursor } = last(await s.pullAll(ann, null));
    await s.put('LeadDetailsChanged', lead, { title: 'Before' });
    await s.put('TeamMemberAdded', team, { userId: ann.userId });
    await s.put('LeadDetailsChanged', lead, { title: 'After' });
    const gained = await s.pullAll(ann, cursor);
    expect(new Set(records(gained))).toEqual(new Set([`enter ${lead}`]));
    await s.put('LeadDetailsChanged', lead, { title: 'Later' });
    expect(records(await s.pull(ann, { cursor: last(gained).cursor }))).toEqual([`event ${lead}`]);
  });

  test('again in mid-backfill ends what is lost, and begins what is gained', async () => {
    const s = await open();
    const [east, west] = [await s.team(), await s.team()];
    const ann = await s.person('rep');
    await s.policy('team');
    for (let n = 0; n < 6; n += 1) await s.lead(null, east);
    const western = [await s.lead(null, west), await s.lead(null, west)];
    const { cursor } = last(await s.pullAll(ann, null));
    await s.put('TeamMemberAdded', east, { userId: ann.userId });
    const half = await s.pull(ann, { cursor, limit: 4 });
    expect(half.upToDate).toBe(false);
    await s.put('TeamMemberRemoved', east, { userId: ann.userId });
    await s.put('TeamMemberAdded', west, { userId: ann.userId });
    const rest = records(await s.pullAll(ann, half.cursor, { limit: 4 }));
    expect(rest[0]).toMatch(/^leave /);
    expect(rest.slice(1).toSorted()).toEqual(western.map((id) => `enter ${id}`).toSorted());
  });

  test('in mid-first-sync leaves nothing behind and nothing out', async () => {
    const s = await open();
    const [east, west] = [await s.team(), await s.team()];
    const ann = await s.person('rep', east);
    await s.policy('team');
    for (let n = 0; n < 4; n += 1) await s.lead(null, east);
    const western = [await s.lead(null, west), await s.lead(null, west)];
    const first = await s.pull(ann, { limit: 6 });
    await s.put('TeamMemberRemoved', east, { userId: ann.userId });
    await s.put('TeamMemberAdded', west, { userId: ann.userId });
    const rest = await s.pullAll(ann, first.cursor, { limit: 6 });
    expect(records(rest)[0]).toMatch(/^leave /);
    expect(new Set(records(rest).slice(1))).toEqual(new Set(western.map((id) => `enter ${id}`)));
    expect(last(rest).through).toBe(last(rest).head);
  });

  test('is none where a pair of a team and an owner appears that the rules cover already', async () => {
    const s = await open();
    const team = await s.team();
    const ann = await s.person('rep', team);
    await s.policy('team');
    const { cursor } = last(await s.pullAll(ann, null));
    const lead = await s.lead((await s.person('rep')).userId, team);
    expect(records(await s.pull(ann, { cursor }))).toEqual([`event ${lead}`]);
  });

  test('on one server is judged by another that has not heard of it', async () => {
    const s = await open();
    const other = await openSellers(db.database);
    const ann = await s.person('rep');
    await s.policy('owner');
    const lead = await s.lead(ann.userId);
    const { cursor } = last(await s.pullAll(ann, null));
    // A server of its own, whose directory is from before.
    await other.access.current(ann.workspaceId);
    await s.put('RoleChanged', ann.userId, { role: 'analyst' });
    const judge = await other.access.current(ann.workspaceId);
    expect(judge(ann).syncs.owners).toEqual([ann.userId]);
    expect(told(await s.pull(ann, { cursor }))).toContain(`event ${ann.userId}`);
    expect(await other.access.read(ann, async ({ rights }) => rights.syncs.owners)).toEqual([]);
    expect(lead).toBeDefined();
  });
});

describe('a wanted stream', () => {
  test('that may not be seen leaves like one that does not exist', async () => {
    const s = await open();
    const ann = await s.person('rep');
    await s.policy('owner');
    const [hidden, missing] = [await s.lead(null), uuidv7()];
    const about = await note(s, hidden);
    const { cursor } = last(await s.pullAll(ann, null));
    const want = [hidden, missing].map((id) => ({ type: 'lead', id }));
    const page = await s.pull(ann, { cursor, want: [...want, { type: 'activity', id: about }] });
    expect(told(page)).toEqual([hidden, missing, about].map((id) => `leave ${id}`));
  });
});

test('a reassignment of a deal with 5,000 activities costs one row', async () => {
  const s = await open();
  const ann = await s.person('rep');
  const deal = uuidv7();
  await s.put('DealCreated', deal, { name: 'Big', ownerId: null });
  await db.database.owner.query(
    `insert into stream (workspace_id, stream_id, stream_type, version, position, root_id, scope_id, created_at, state, clocks)
     select $1, gen_random_uuid(), 'activity', 1, 1, $2, null, now(), '{}', '{}' from generate_series(1, 5000)`,
    [s.principal.workspaceId, deal],
  );
  const touched = async () => {
    const { rows } = await db.database.owner.query<{ streams: number; changes: number }>(
      `select (select count(*) from stream where workspace_id = $1 and xmin::text = (select max(xmin::text::bigint)::text from event where workspace_id = $1)) as streams,
              (select count(*) from scope_change where workspace_id = $1) as changes`,
      [s.principal.workspaceId],
    );
    return rows[0];
  };
  await s.put('DealAssigned', deal, { ownerId: ann.userId });
  expect(await touched()).toEqual({ streams: 1, changes: 1 });
});
