import { expect, test } from 'vitest';
import { CONTRACT, firstMeta, type Meta } from '../../src/client/meta.ts';
import { openUser, type UserStore } from '../../src/client/open-user.ts';
import type { Boot } from '../../src/client/storage/client-store.ts';
import type { Confirmed } from '../../src/client/view/confirmed.ts';
import type { Outcome } from '../../src/client/view/outbox.ts';
import { ok } from '../../src/shared/base/result.ts';
import type { ProposedEvent } from '../../src/shared/contract/envelope.ts';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import { id } from '../support/given.ts';

const session = {
  user: { id: id('me'), name: 'Ada', email: 'ada@example.com', role: 'rep' },
  workspace: { id: id('acme'), name: 'Acme' },
  deviceId: id('phone'),
  tokens: null,
};
const record = (name: string, changes: Partial<Confirmed> = {}): Confirmed => ({
  id: id(name),
  type: 'lead',
  version: 3,
  state: { name },
  clocks: {},
  root: id(name),
  round: 2,
  ...changes,
});
const meta: Meta = { ...firstMeta({ offsetMs: 0, seen: null }, 2), cursor: 'c', finished: 2 };

const removed: number[] = [];
const opened = (boot: Partial<Boot<Confirmed, Meta, Outcome>>) => {
  const whole = { units: [], acknowledgements: [], nextSeq: 1, records: [], meta, damage: [], ...boot };
  const store = {
    boot: async () => whole,
    remove: async (seqs: readonly number[]) => void removed.push(...seqs),
    append: async () => ok(undefined),
  } as unknown as UserStore;
  return openUser({ session, store, now: () => 0, onChange: () => {} });
};

const leadCreated = (name: string): ProposedEvent => ({
  id: id(`e${name}`),
  type: 'LeadCreated',
  schemaVersion: 1,
  stream: { type: 'lead', id: id(name) },
  basedOn: 0,
  at: formatClock({ time: 0, counter: 0, device: id('phone') }),
  data: { name },
});

test('an app that knows more events asks again for the records that an older one could not read', async () => {
  const records = [record('plain'), record('strange', { opaque: true })];
  const before = await opened({ records, meta: { ...meta, contract: 'of an older app' } });
  expect(before.meta).toMatchObject({ contract: CONTRACT, wants: [{ type: 'lead', id: id('strange') }] });
  expect((await opened({ records, meta: { ...meta, contract: CONTRACT } })).meta.wants).toEqual([]);
});

test('without a usable cache sync begins anew, in a round that what is on view does not belong to', async () => {
  const user = await opened({ records: [record('old', { round: 4 })], meta: null });
  expect(user.meta).toMatchObject({ cursor: null, round: 5, finished: 0 });
  expect(user.view.get(id('old'))?.state).toEqual({ name: 'old' });
});

test('a unit that was sent again goes, where the app died before it could', async () => {
  const units = [
    { seq: 1, events: [leadCreated('poison')] },
    { seq: 2, events: [leadCreated('remedy')], replaces: 1 },
  ];
  const outcome: Outcome = { kind: 'refused', code: 'invalid', message: 'no' };
  const user = await opened({ units, acknowledgements: [{ seq: 1, outcomes: [outcome] }], nextSeq: 3 });
  expect(removed).toEqual([1]);
  expect(user.outbox.refused()).toBe(0);
  expect(user.outbox.pending()).toBe(1);
  expect(user.view.get(id('remedy'))?.state).toMatchObject({ name: 'remedy' });
});
