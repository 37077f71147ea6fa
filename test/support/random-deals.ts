import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { EventType } from '../../src/shared/contract/events/registry.ts';
import { definitionOf } from '../../src/shared/contract/events/registry.ts';
import type { PushResult } from '../../src/shared/contract/sync.ts';
import { proposed, type Bench } from './workspace.ts';

/** What somebody does to a deal on a phone, some days before it is uploaded, having seen all or nothing but its creation. */
export interface DealEdit {
  readonly deal: number;
  readonly device: number;
  readonly what: number;
  readonly value: number;
  readonly daysLate: number;
  readonly stale: boolean;
}

const DEALS = 6;
const DEVICES = 3;
export const DAYS = 40;
const FIRST_DAY = Date.parse('2026-09-01T00:00:00Z');

export const dayAt = (day: number): string => new Date(FIRST_DAY + day * 86_400_000).toISOString();
/** A day that deals may be expected to close on. */
export const closeDate = (value: number): string => `2026-1${value % 3}-15`;

const edit = fc.record<DealEdit>({
  deal: fc.nat({ max: DEALS - 1 }),
  device: fc.nat({ max: DEVICES - 1 }),
  what: fc.nat({ max: 18 }),
  value: fc.nat({ max: 5 }),
  daysLate: fc.constantFrom(0, 0, 0, 1, 6, 20),
  stale: fc.constantFrom(false, false, false, true),
});

export const dealHistory = fc.array(edit, { minLength: 30, maxLength: 120 });

export interface DealWorld {
  readonly bench: Bench;
  readonly owners: readonly Uuid[];
  readonly teams: readonly Uuid[];
  readonly secondPipeline: Uuid;
  readonly secondStage: Uuid;
  readonly deals: readonly Uuid[];
  readonly devices: readonly Uuid[];
  /** Learned from results: of which deal a conflict is open. */
  readonly conflicts: Map<Uuid, Uuid>;
}

type Change = readonly [EventType, JsonObject];

const changeOf = ({ deal, what, value }: DealEdit, world: DealWorld): Change => {
  const stageId = Object.values(world.bench.stages)[value % 4] ?? '';
  const conflictId = world.conflicts.get(world.deals[deal] ?? '') ?? world.secondStage;
  const amountMinor = value * 37;
  const choices: readonly Change[] = [
    ['DealAmountChanged', { amountMinor, currency: value === 5 ? 'JPY' : 'EUR' }],
    ['DealAmountChanged', { amountMinor: amountMinor + 1 }],
    ['DealCurrencyChanged', { amountMinor, currency: value % 2 === 0 ? 'JPY' : 'EUR' }],
    ['DealExpectedCloseDateChanged', { expectedCloseDate: closeDate(value) }],
    ['DealExpectedCloseDateChanged', { expectedCloseDate: value === 0 ? closeDate(1) : null }],
    ['DealAssigned', { ownerId: world.owners[value % 3] ?? null, teamId: world.teams[value % 3] ?? null }],
    ['DealStageChanged', { stageId }],
    ['DealMovedToPipeline', { pipelineId: world.secondPipeline, stageId: world.secondStage }],
    ['DealMovedToPipeline', { pipelineId: world.bench.pipelineId, stageId }],
    ['DealWon', value === 0 ? { closedAt: dayAt(2) } : {}],
    ['DealLost', { reason: 'price' }],
    ['DealReopened', { stageId }],
    ['DealReopened', { stageId }],
    ['DealDeleted', {}],
    ['DealRestored', {}],
    ['DealDetailsChanged', { source: value === 0 ? null : `source ${value}` }],
    ['DealLineItemAdded', { lineItemId: uuidv7(), name: 'Wheel', quantity: 1 + value, unitMinor: 11, currency: 'EUR' }],
    ['ConflictResolved', { conflictId, choice: value < 3 ? 'proposed' : 'current' }],
    ['DealProbabilityOverridden', { probabilityBp: value * 1000 }],
  ];
  return choices[what] as Change;
};

const SEEN_ALL = 1_000_000;
let counter = 0;

/** Whole days, so that changes meet at the same moment and fall behind each other. */
const eventOf = (edited: DealEdit & { readonly day: number }, world: DealWorld, [type, data]: Change) => {
  const device = world.devices[edited.device] ?? '';
  const id = world.deals[edited.deal] ?? '';
  const isConflict = type === 'ConflictResolved';
  const time = Date.parse(dayAt(Math.max(0, edited.day - edited.daysLate)));
  return {
    id: uuidv7(),
    type,
    schemaVersion: 1,
    stream: { type: isConflict ? ('deal' as const) : definitionOf(type).stream, id },
    basedOn: edited.stale && !isConflict ? 1 : SEEN_ALL,
    at: formatClock({ time, counter: (counter += 1) % 10_000, device }),
    data,
  };
};

/** Makes the deals, and then all that happens to them over forty days; rules may refuse what they like. */
export const dealsHappen = async (world: DealWorld, edits: readonly DealEdit[]): Promise<readonly PushResult[]> => {
  const all: PushResult[] = [];
  const send = async (edited: DealEdit, day: number, change: Change): Promise<void> => {
    const event = eventOf({ ...edited, day }, world, change);
    const principal = { ...world.bench.principal, deviceId: world.devices[edited.device] ?? '' };
    const { results } = await world.bench.push.events(principal, [event]);
    for (const result of results) {
      if (result.status === 'conflict' && 'conflictId' in result)
        world.conflicts.set(event.stream.id, result.conflictId);
    }
    all.push(...results);
  };
  for (const deal of world.deals.keys()) {
    const made = { deal, device: 0, what: 0, value: 0, daysLate: 0, stale: false };
    await send(made, deal, ['DealCreated', dataOf(deal, world)]);
  }
  for (const [index, edited] of edits.entries()) {
    await send(edited, Math.floor((DAYS * index) / edits.length), changeOf(edited, world));
  }
  return all;
};

const dataOf = (deal: number, { owners }: DealWorld): JsonObject => ({
  name: `Deal ${deal}`,
  ...(deal % 3 === 0 ? {} : { amountMinor: 100 * deal, currency: deal === 5 ? 'JPY' : 'EUR' }),
  ...(deal % 2 === 0 ? {} : { expectedCloseDate: closeDate(deal) }),
  ownerId: owners[deal % 3] ?? null,
  source: `source ${deal % 2}`,
});

/** People, teams and a second pipeline, and deals that are yet to be made. */
export const openDealWorld = async (bench: Bench): Promise<DealWorld> => {
  const { principal, push } = bench;
  const owners = Array.from({ length: 2 }, () => uuidv7());
  const teams = Array.from({ length: 2 }, () => uuidv7());
  const [secondPipeline, secondStage] = [uuidv7(), uuidv7()];
  const stages = [
    { id: secondStage, name: 'Intro', kind: 'open', probabilityBp: 2000 },
    { id: uuidv7(), name: 'Signed', kind: 'won' },
    { id: uuidv7(), name: 'Declined', kind: 'lost' },
  ];
  await push.events(principal, [
    ...owners.map((id) => proposed(principal, 'UserInvited', id, { name: 'Somebody', role: 'rep' })),
    ...teams.map((id) => proposed(principal, 'TeamCreated', id, { name: 'A team' })),
    proposed(principal, 'PipelineCreated', secondPipeline, { name: 'Partners', stages }),
  ]);
  return {
    bench,
    owners,
    teams,
    secondPipeline,
    secondStage,
    deals: Array.from({ length: DEALS }, () => uuidv7()),
    devices: Array.from({ length: DEVICES }, () => uuidv7()),
    conflicts: new Map(),
  };
};
