import { describe, expect, test } from 'vitest';
import { createConfirmed, type Confirmed } from '../../src/client/view/confirmed.ts';
import type { AnyStream, Op } from '../../src/client/sync/answer.ts';
import { applyPage, leftBehind } from '../../src/client/sync/apply-page.ts';
import { id } from '../support/given.ts';

const CLOCK = `2026-11-25T10:00:00.000Z-0000-${id('phone')}`;
const clocks = { '*': { clock: CLOCK, version: 1 } };

const lead = (name: string, changes: Partial<Confirmed> = {}): Confirmed => ({
  id: id(name),
  type: 'lead',
  version: 1,
  state: { name, title: null },
  clocks,
  scope: id('team'),
  root: id(name),
  round: 1,
  ...changes,
});
const note = (name: string, about: string): Confirmed =>
  lead(name, {
    type: 'activity',
    root: id(about),
    scope: undefined,
    state: { about: { type: 'lead', id: id(about) } },
  });

const titled = (name: string, version: number, changes: object = {}): Op => ({
  op: 'event',
  position: 10 + version,
  version,
  stream: { type: 'lead', id: id(name) },
  scope: id('team'),
  root: id(name),
  id: id(`e${version}`),
  type: 'LeadDetailsChanged',
  schemaVersion: 1,
  actor: id('me'),
  device: id('phone'),
  at: CLOCK,
  clock: CLOCK,
  recordedAt: '2026-11-25T10:00:00.000Z',
  superseded: [],
  data: { title: `Title ${version}` },
  ...changes,
});
const entered = (name: string, version: number, changes: object = {}): Op => ({
  op: 'enter',
  position: 50,
  version,
  stream: { type: 'lead', id: id(name) },
  scope: id('team'),
  state: { name, title: `State ${version}` },
  clocks,
  ...changes,
});

const page = (known: readonly Confirmed[], ops: readonly Op[], wanted: readonly AnyStream[] = []) => {
  const confirmed = createConfirmed(known);
  const wants = new Map(wanted.map((stream) => [stream.id, stream]));
  const change = applyPage(confirmed, ops, { wants, round: 1 });
  const gone = leftBehind(confirmed, change, 1);
  confirmed.apply(change.puts.values(), [...change.removes, ...gone]);
  return {
    versions: Object.fromEntries(Array.from(confirmed.all(), (record) => [record.id, record.version])),
    get: (name: string) => confirmed.get(id(name)),
    wants: [...change.wants.keys()],
  };
};

describe('a page', () => {
  test('applies the next version, and what comes again changes nothing', () => {
    const once = page([lead('ada')], [titled('ada', 2), titled('ada', 2, { data: { title: 'Twice' } })]);
    expect(once.get('ada')).toMatchObject({ version: 2, state: { title: 'Title 2' } });
    expect(once.wants).toEqual([]);
  });

  test('asks for a stream of which it misses an event, and takes its state as the answer', () => {
    const gap = page([lead('ada')], [titled('ada', 3)]);
    expect(gap.get('ada')).toMatchObject({ version: 1 });
    expect(gap.wants).toEqual([id('ada')]);
    expect(page([], [titled('new', 2)]).wants).toEqual([id('new')]);
    const wanted = { type: 'lead', id: id('ada') };
    expect(page([lead('ada')], [entered('ada', 3)], [wanted])).toMatchObject({
      wants: [],
      versions: { [id('ada')]: 3 },
    });
    expect(page([lead('ada')], [{ op: 'leave', stream: wanted }], [wanted])).toMatchObject({ wants: [], versions: {} });
  });

  test('asks for the state of a stream instead of folding what no phone makes, known to it or not', () => {
    const shared = page([lead('ada')], [titled('ada', 2, { type: 'RecordShared' }), titled('ada', 3)]);
    expect(shared).toMatchObject({ wants: [id('ada')], versions: { [id('ada')]: 1 } });
    const north = { stream: { type: 'team', id: id('north') }, root: id('north') };
    const renamed = page([], [titled('north', 2, { ...north, type: 'TeamMovedToMars' })]);
    expect(renamed).toMatchObject({ wants: [id('north')], versions: {} });
    expect(page([], [titled('north', 2, north), entered('north', 2, north)])).toMatchObject({ wants: [] });
  });

  test('never goes back to an older state', () => {
    expect(page([lead('ada', { version: 5 })], [entered('ada', 4)]).get('ada')).toMatchObject({ version: 5 });
  });

  test('that a record leaves takes its activities along, and no others', () => {
    const known = [lead('ada'), note('of-ada', 'ada'), lead('ida'), note('of-ida', 'ida')];
    const { versions } = page(known, [{ op: 'leave', stream: { type: 'lead', id: id('ada') } }]);
    expect(Object.keys(versions).toSorted()).toEqual([id('ida'), id('of-ida')].toSorted());
  });

  test('that a scope leaves takes its records and their activities along, but for those that moved out before', () => {
    const moved = entered('ida', 2, { scope: id('pool') });
    const known = [lead('ada'), note('of-ada', 'ada'), lead('ida'), lead('eve', { scope: id('other') })];
    const { versions } = page(known, [moved, { op: 'leave', scope: id('team') }]);
    expect(Object.keys(versions).toSorted()).toEqual([id('eve'), id('ida')].toSorted());
  });

  test('that a record enters again after a leave shows it', () => {
    const stream = { type: 'lead', id: id('ada') };
    expect(page([lead('ada')], [{ op: 'leave', stream }, entered('ada', 4)]).get('ada')).toMatchObject({ version: 4 });
  });

  test('once up to date, drops activities whose record never came and what an older first sync brought', () => {
    const known = [note('orphan', 'nobody'), lead('old', { round: 0 }), note('of-old', 'old'), lead('ada')];
    expect(Object.keys(page(known, []).versions)).toEqual([id('ada')]);
    expect(page(known, [entered('old', 1)]).versions).toMatchObject({ [id('old')]: 1, [id('of-old')]: 1 });
  });

  test('keeps a record that an unknown event changed as it was, until a state makes it readable again', () => {
    const strange = titled('ada', 2, { type: 'LeadTeleported' });
    const opaque = page([lead('ada')], [strange, titled('ada', 3)]);
    expect(opaque.get('ada')).toMatchObject({ version: 1, opaque: true, state: { title: null } });
    expect(opaque.wants).toEqual([]);
    const newer = titled('ada', 2, { schemaVersion: 99 });
    expect(page([lead('ada')], [newer]).get('ada')).toMatchObject({ opaque: true });
    expect(page([lead('ada', { opaque: true })], [entered('ada', 9)]).get('ada')?.opaque).toBeUndefined();
  });
});
