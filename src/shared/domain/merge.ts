import { assert, must } from '../base/assert.ts';
import type { HybridClock } from '../base/hybrid-clock.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { updateConflicts } from '../contract/conflicts.ts';
import type { RegisterClock, RegisterClocks, StoredEvent } from '../contract/envelope.ts';
import { effectiveFields, setField, withFields, wonRegisters, type Draft } from '../contract/events/apply-writes.ts';
import type { Writes } from '../contract/events/definition.ts';
import { LEAD_NAMES } from '../contract/events/lead.ts';
import { definitionOf, isEventType } from '../contract/events/registry.ts';
import { upcast } from '../contract/events/upcast.ts';
import { CREATION, nextClock } from './register-clocks.ts';
import { deciderOf } from './registry.ts';

/** A share is granted once and revoked once, and no creation writes one: it has no clock to lose against. */
const isShare = (register: string): boolean => register.startsWith('shares/');

/** A stream's fields and when each register last changed. */
export interface Merged {
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
}

interface Change {
  readonly type: string;
  readonly data: JsonObject;
  readonly writes: Writes;
  readonly clock: HybridClock;
  /** The stream's version after the change. */
  readonly version: number;
}

/**
 * Last write wins per register, by effective clock; of equal clocks the later position wins, which is the change at hand.
 * Whatever loses is named in `superseded` and leaves the state alone. The creation writes every register. A change that
 * would take a lead its last name loses that name's clearing.
 */
export const merge = (before: Merged, change: Change): Merged & { readonly superseded: readonly string[] } => {
  const { writes, clock, version } = change;
  const state: Draft = { ...before.state };
  const creates = version === 1;
  const clocks: Record<string, RegisterClock> = creates ? { [CREATION]: { clock, version } } : { ...before.clocks };
  const superseded: string[] = [];
  for (const register of Object.keys(writes)) {
    const fields = writes[register] as Readonly<Record<string, Json>>;
    const last = creates ? undefined : (clocks[register] ?? clocks[CREATION]);
    if (last !== undefined && last.clock > clock && !isShare(register)) {
      superseded.push(...Object.keys(fields));
      continue;
    }
    for (const field of Object.keys(fields)) setField(state, field, fields[field] as Json);
    if (!creates) clocks[register] = nextClock(last, { clock, version, resolves: resolves(change) });
  }
  for (const name of LEAD_NAMES.some((field) => state[field] !== null) ? [] : lastNames(before)) {
    superseded.push(name);
    state[name] = before.state[name] as Json;
    const last = before.clocks[name];
    if (last === undefined) delete clocks[name];
    else clocks[name] = last;
  }
  updateConflicts(state, { ...change, superseded });
  return { state, clocks, superseded };
};

const resolves = ({ type }: { readonly type: string }): boolean => type === 'ConflictResolved';

/**
 * The names that a lead had. The rules saw a name survive, but the change that was to bring it may lose to a newer
 * clock while the clearing of the other one wins. Only leads have a state in which all of LEAD_NAMES are null.
 */
const lastNames = ({ state }: Merged): readonly string[] =>
  LEAD_NAMES.filter((field) => state[field] !== null && state[field] !== undefined);

/** What a stored event writes, in the newest shape of its data. A type or version that the log holds and the code does not know is a bug. */
const writesOf = (event: StoredEvent, state: JsonObject): Writes => {
  const { type, schemaVersion } = event;
  assert(isEventType(type), `${type} is in the log, but not in the registry`);
  const newest = must(upcast(type, schemaVersion, event.data), `${type} ${schemaVersion} is newer than this code`);
  return definitionOf(type).writes(newest.data, state);
};

/** The state after a stored event. What it lost, it lost when it was stored: clocks play no part. */
export const evolve = (state: JsonObject, event: StoredEvent): JsonObject =>
  stateAfter(state, event, writesOf(event, state));

const stateAfter = (state: JsonObject, event: StoredEvent, writes: Writes): JsonObject => {
  const after: Draft = { ...withFields(state, effectiveFields(writes, event.superseded)) };
  updateConflicts(after, { ...event, writes });
  return after;
};

/** A stream folded from its events. */
export interface Folded extends Merged {
  readonly version: number;
}

/** One more event of a stream; `undefined` before its first. */
export const fold = (before: Folded | undefined, event: StoredEvent): Folded => {
  const state = before?.state ?? deciderOf(event.stream.type).initialState;
  const { clock, version } = event;
  const writes = writesOf(event, state);
  const clocks: Record<string, RegisterClock> = { ...before?.clocks };
  if (version === 1) clocks[CREATION] = { clock, version };
  else {
    for (const register of wonRegisters(writes, event.superseded)) {
      const last = clocks[register] ?? clocks[CREATION];
      clocks[register] = nextClock(last, { clock, version, resolves: resolves(event) });
    }
  }
  return { state: stateAfter(state, event, writes), clocks, version };
};

/** A stream from its events in the order of their versions, from the first on; undefined without any. */
export const foldStream = (events: Iterable<StoredEvent>): Folded | undefined => {
  let folded: Folded | undefined;
  for (const event of events) folded = fold(folded, event);
  return folded;
};
