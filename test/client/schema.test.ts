import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleClient } from '../../scripts/client-bundle.ts';
import { comesByState } from '../../src/client/sync/by-state.ts';
import { must } from '../../src/shared/base/assert.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import { events, type EventType } from '../../src/shared/contract/events/registry.ts';
import { eventData } from '../support/event-data.ts';

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}
interface Parser {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: readonly Issue[] } | undefined };
}

const folder = mkdtempSync(join(tmpdir(), 'leadzen-schema-'));
let lean: Readonly<Partial<Record<EventType, { readonly schema: Parser }>>>;

beforeAll(async () => {
  const outfile = join(folder, 'registry.mjs');
  await bundleClient('src/shared/contract/events/registry.ts', outfile);
  ({ events: lean } = (await import(pathToFileURL(outfile).href)) as { events: typeof lean });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the SDK and the server read of an answer: the value, or what is wrong where. */
const verdict = (schema: Parser, value: unknown): unknown => {
  const { success, data, error } = schema.safeParse(value);
  if (success) return { data };
  const lines = (error?.issues ?? []).map(({ path, message, keys }) => JSON.stringify([path, message, keys]));
  return { wrong: [...new Set(lines)] };
};

const UUID = '00000000-0000-4000-8000-000000000001';
const overfull = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, index]));
const twoPrimaries = ['a', 'b'].map((value) => ({ value, primary: true }));
const SCALARS: readonly unknown[] = [undefined, null, true, 0, -1, 0.5, 2 ** 53, 2e9, Number.NaN, Infinity];
const TEXTS = ['', 'x', 'EUR', 'xyz', UUID, 'x'.repeat(301), 'x'.repeat(10_001), '😀'.repeat(250), '😀'.repeat(301)];
const TIMES = ['2026-02-31', '2026-02-28', '2026-02-31T24:00:00Z', '2026-02-28T23:00:00Z'];
const LISTS = [[], [null], ['x', 7], Array(2000).fill('x'), Array(2000).fill(7), [UUID, UUID], [{ value: '' }]];
const OBJECTS: readonly object[] = [
  {},
  { x: 1 },
  { '1x': 'a' },
  { type: 'lead', id: 7 },
  { type: 'user', id: UUID },
  { toString: 1 },
];
const HOSTILE = [...SCALARS, ...TEXTS, ...TIMES, ...LISTS, ...OBJECTS, twoPrimaries, overfull];
const hostile = fc.constantFrom(...HOSTILE);

/** Good data with something else at one place, one level down or two. */
const spoiled = (type: EventType): fc.Arbitrary<unknown> =>
  fc.tuple(eventData(type), fc.nat(), fc.nat(), hostile, fc.boolean()).map(([data, at, within, value, isDeep]) => {
    const keys = [...Object.keys(data), 'strange'];
    const key = keys[at % keys.length] as string;
    const part = data[key];
    if (!isDeep || typeof part !== 'object' || part === null) return { ...data, [key]: value };
    if (Array.isArray(part)) return { ...data, [key]: [...(part as unknown[]), value] };
    const inner = [...Object.keys(part), 'strange'];
    return { ...data, [key]: { ...(part as JsonObject), [inner[within % inner.length] as string]: value } };
  });

const seed = 7;

const all = Object.keys(events) as EventType[];
const isLeftOut = (type: EventType): boolean =>
  events[type].streams.some((stream) => comesByState({ stream: { type: stream, id: UUID }, type }));
const kept = all.filter((type) => !isLeftOut(type));
const leanSchema = (type: EventType): Parser => must(lean[type], `${type} is in the bundle`).schema;

test('the bundle leaves out just the events that come by state', () => {
  expect(Object.keys(lean)).toEqual(kept);
});

describe('the schemas of the bundle judge as zod does', () => {
  test.each(kept)('%s', (type) => {
    const agree = (value: unknown): void => {
      expect(verdict(leanSchema(type), value)).toEqual(verdict(events[type].schema, value));
    };
    fc.assert(fc.property(eventData(type), agree), { seed, numRuns: 50 });
    fc.assert(fc.property(spoiled(type), agree), { seed, numRuns: 150 });
    fc.assert(fc.property(hostile, agree), { seed, numRuns: 60 });
  });

  test('every part of an event in turn: missing, and of every wrong kind', () => {
    for (const type of kept) {
      const [data] = fc.sample(eventData(type), { seed, numRuns: 1 });
      for (const key of Object.keys(data ?? {})) {
        const { [key]: _dropped, ...rest } = data ?? {};
        for (const value of [rest, ...HOSTILE.map((part) => ({ ...rest, [key]: part }))])
          expect(verdict(leanSchema(type), value), type).toEqual(verdict(events[type].schema, value));
      }
    }
  });

  test.each<[EventType, string, number]>([
    ['CompanyCreated', 'name', 300],
    ['CompanyCreated', 'domain', 253],
    ['LeadDetailsChanged', 'note', 10_000],
  ])('%s.%s holds %i characters, whatever they are made of', (type, key, max) => {
    const taken = [max - 1, max, max + 1].flatMap((length) =>
      ['x', '😀', 'e\u0301', '\ud83d', 'x😀'].map((unit) => {
        const characters = Array.from(unit.repeat(length)).slice(0, length).join('');
        const data = { ...(type === 'CompanyCreated' ? { name: 'Ada' } : {}), [key]: characters };
        expect(verdict(leanSchema(type), data)).toEqual(verdict(events[type].schema, data));
        return events[type].schema.safeParse(data).success;
      }),
    );
    expect(taken).toEqual([...Array<boolean>(10).fill(true), ...Array<boolean>(5).fill(false)]);
  });
});
