import { clockDevice, type HybridClock } from '../base/hybrid-clock.ts';
import type { Uuid } from '../base/ids.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { wonRegisters, type Draft } from './events/apply-writes.ts';
import type { Writes } from './events/definition.ts';
import { OWNED_TYPES, type StreamType } from './streams.ts';

/** Registers that nobody overwrites without having seen them, unless the workspace says otherwise. */
export const CRITICAL_REGISTERS = ['money', 'progress', 'ownership'] as const;
export type CriticalRegister = (typeof CRITICAL_REGISTERS)[number];

export const isCritical = (register: string): register is CriticalRegister =>
  (CRITICAL_REGISTERS as readonly string[]).includes(register);

/** Streams that may hold conflicts. What is appended, as activities are, and the workspace's set-up only ever merge. */
export type ConflictStream = (typeof OWNED_TYPES)[number];

export const mayConflict = (stream: StreamType): stream is ConflictStream =>
  (OWNED_TYPES as readonly StreamType[]).includes(stream);

export const CONFLICT_CHOICES = ['current', 'proposed', 'custom'] as const;

/** The event that was not taken, as it was sent. */
export interface Proposal {
  readonly id: Uuid;
  readonly type: string;
  readonly schemaVersion: number;
  readonly basedOn: number;
  readonly at: HybridClock;
  readonly data: JsonObject;
}

/**
 * A question to people, as `ConflictRaised` tells it and the state keeps it until it is settled. Of the register, `base`,
 * `current` and `proposed` hold the same fields: those that the proposal writes.
 */
export interface OpenConflict {
  /** The id of the first event that was not taken; a later proposal of the same device keeps it. */
  readonly conflictId: Uuid;
  readonly register: CriticalRegister;
  /** What the proposal was based on; null where that is not known. */
  readonly base: JsonObject | null;
  /** What the register holds, renewed with every change of it. */
  readonly current: JsonObject;
  /** Version and clock of the register's last change; the clock tells the device. */
  readonly currentVersion: number;
  readonly currentClock: HybridClock;
  readonly proposed: JsonObject;
  /** Who proposed it, and from where. */
  readonly actor: Uuid;
  readonly device: Uuid;
  readonly event: Proposal;
}

/** The open conflicts of a state. */
export const conflictsOf = (state: object): readonly OpenConflict[] =>
  ((state as JsonObject)['conflicts'] ?? []) as unknown as readonly OpenConflict[];

/** An event, and what it did to the registers. */
export interface ConflictStep {
  readonly type: string;
  readonly data: JsonObject;
  readonly clock: HybridClock;
  readonly version: number;
  readonly writes: Writes;
  readonly superseded: readonly string[];
}

/** The fields among `keys`; null where the object has none. */
export const fieldsOf = (object: JsonObject, keys: readonly string[]): JsonObject => {
  const fields: Record<string, Json> = {};
  for (const key of keys) fields[key] = object[key] ?? null;
  return fields;
};

/**
 * Brings the open conflicts of a state up to date after an event: the same on phone, server and in projections. Whatever
 * wins a register renews the `current` of the conflicts about it; a device's own change withdraws that device's conflict.
 * A resolution settles the one it names and no other.
 *
 * @param draft holds the fields that the event wrote already
 */
export const updateConflicts = (draft: Draft, step: ConflictStep): void => {
  const before = conflictsOf(draft);
  if (step.type === 'ConflictRaised') {
    draft['conflicts'] = raised(before, step.data as unknown as OpenConflict) as unknown as Json;
    return;
  }
  if (before.length === 0) return;
  const won = wonRegisters(step.writes, step.superseded);
  const settled = step.type === 'ConflictResolved' ? step.data['conflictId'] : undefined;
  const after = before
    .filter((conflict) => conflict.conflictId !== settled && (settled !== undefined || !withdraws(step, won, conflict)))
    .map((conflict) => (won.includes(conflict.register) ? renewed(conflict, draft, step) : conflict));
  draft['conflicts'] = after as unknown as Json;
};

const raised = (before: readonly OpenConflict[], conflict: OpenConflict): OpenConflict[] => [
  ...before.filter(({ conflictId }) => conflictId !== conflict.conflictId),
  conflict,
];

const withdraws = ({ clock }: ConflictStep, won: readonly string[], { register, device }: OpenConflict): boolean =>
  won.includes(register) && device === clockDevice(clock);

const renewed = (conflict: OpenConflict, state: JsonObject, { clock, version }: ConflictStep): OpenConflict => ({
  ...conflict,
  current: fieldsOf(state, Object.keys(conflict.current)),
  currentVersion: version,
  currentClock: clock,
});
