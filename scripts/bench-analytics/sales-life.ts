import { v7 as uuidv7 } from 'uuid';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { EventType } from '../../src/shared/contract/events/registry.ts';

/** An event before it has an envelope. */
export interface Happening {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly type: EventType;
  readonly id: Uuid;
  readonly data: JsonObject;
}

/** Numbers from 0 to 1, the same for the same seed: mulberry32 (Tommy Ettinger, 2017). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const DAY_MS = 86_400_000;
const SOURCES = ['web', 'referral', 'fair', 'call', 'partner'];
const REASONS = ['price', 'timing', 'competitor', 'no budget'];
const RIVALS = ['Acme', 'Globex', 'Initech'];

interface World {
  readonly random: () => number;
  readonly openStages: readonly Uuid[];
  readonly companies: readonly Uuid[];
}

const pick = <Value>({ random }: World, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** A deal moves through its stages within weeks, changes its amount and its date, and two of three are closed. 7 events on average. */
const dealLife = (world: World, beginMs: number, sourceLeadId?: Uuid): Happening[] => {
  const { random, openStages } = world;
  const id = uuidv7();
  const amountMinor = Math.round(10_000 + random() * 5_000_000);
  const life: Happening[] = [];
  let atMs = beginMs;
  const happens = (type: EventType, data: JsonObject): void => void life.push({ atMs, type, id, data });
  happens('DealCreated', {
    name: `Deal ${id.slice(-6)}`,
    amountMinor,
    currency: 'EUR',
    source: pick(world, SOURCES),
    companyId: pick(world, world.companies),
    expectedCloseDate: dayOf(beginMs + 60 * DAY_MS),
    ...(sourceLeadId === undefined ? {} : { sourceLeadId }),
  });
  for (const stageId of openStages.slice(1)) {
    atMs += random() * 21 * DAY_MS;
    happens('DealStageChanged', { stageId });
    if (random() < 0.4) happens('DealAmountChanged', { amountMinor: Math.round(amountMinor * (0.5 + random())) });
    if (random() < 0.3)
      happens('DealExpectedCloseDateChanged', { expectedCloseDate: dayOf(atMs + random() * 90 * DAY_MS) });
  }
  atMs += random() * 30 * DAY_MS;
  const end = random();
  if (end < 0.4) happens('DealWon', {});
  else if (end < 0.66) happens('DealLost', { reason: pick(world, REASONS), competitor: pick(world, RIVALS) });
  return life;
};

/** A lead is called, and sometimes becomes a deal. */
const leadLife = (world: World, beginMs: number): Happening[] => {
  const { random } = world;
  const id = uuidv7();
  const about = { type: 'lead', id };
  const calledMs = beginMs + random() * 2 * DAY_MS;
  return [
    {
      atMs: beginMs,
      type: 'LeadCreated',
      id,
      data: { name: `Lead ${id.slice(-6)}`, source: pick(world, SOURCES), priority: 'normal' },
    },
    {
      atMs: calledMs,
      type: 'CallLogged',
      id: uuidv7(),
      data: { about, direction: 'out', durationSec: 120, startedAt: new Date(calledMs).toISOString() },
    },
    {
      atMs: calledMs + 1,
      type: 'LeadStatusChanged',
      id,
      data: { status: random() < 0.7 ? 'contacted' : 'unqualified' },
    },
  ];
};

const noteOn = (atMs: number, id: Uuid): Happening => ({
  atMs,
  type: 'NoteAdded',
  id: uuidv7(),
  data: { about: { type: 'deal', id }, body: 'Spoke about the offer.' },
});

export interface Share {
  readonly seed: number;
  readonly deals: number;
  readonly events: number;
  readonly openStages: readonly Uuid[];
  readonly companies: readonly Uuid[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** What one seller does in the whole time, in the order in which it happens. */
export const sellerLife = (share: Share): Happening[] => {
  const world: World = { ...share, random: randomFrom(share.seed) };
  const span = share.toMs - share.fromMs;
  const begin = (): number => share.fromMs + world.random() * span;
  const life: Happening[] = [];
  for (let made = 0; made < share.deals; made += 1) {
    const deal = dealLife(world, begin());
    life.push(...deal);
    const [created] = deal;
    if (created !== undefined && made % 2 === 0) life.push(noteOn(created.atMs + DAY_MS, created.id));
  }
  while (life.length < share.events) life.push(...leadLife(world, begin()));
  return life.filter(({ atMs }) => atMs < share.toMs).toSorted((a, b) => a.atMs - b.atMs);
};
