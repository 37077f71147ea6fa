import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { conflictsOf, fieldsOf, type ConflictStream, type OpenConflict } from '../contract/conflicts.ts';
import type { Writes } from '../contract/events/definition.ts';
import type { EventData } from '../contract/events/registry.ts';
import { definitionOf, isEventType } from '../contract/events/registry.ts';
import { upcast } from '../contract/events/upcast.ts';
import { invalidField, rejection, type Rejection } from '../contract/rejections.ts';
import { inadmissible, judge } from './judge.ts';
import { perform, type Performed } from './perform.ts';
import type { AskContext, Proposal, Proposing, Standing } from './propose.ts';
import { lastChange } from './register-clocks.ts';
import { stepsTo, strayField } from './register-change.ts';

type Resolution = EventData<'ConflictResolved'>;

/**
 * Settles a conflict by the same rules as any change. Whoever chose without having seen the register's last change is
 * asked again: the conflict stays open. `current` needs to have seen nothing, it keeps what there is.
 */
export const settle = (
  standing: Standing | undefined,
  event: Proposing,
  context: AskContext,
): Result<Proposal, Rejection> => {
  const refusal = inadmissible(standing, event, context);
  if (refusal !== undefined || standing === undefined) return err(refusal ?? gone);
  const resolution = event.data as unknown as Resolution;
  const conflict = conflictsOf(standing.state).find(({ conflictId }) => conflictId === resolution.conflictId);
  if (conflict === undefined) return err(gone);
  const isStale = lastChange(standing.clocks, conflict.register).version > event.basedOn;
  if (isStale && resolution.choice !== 'current') {
    return ok({ kind: 'conflict', conflict: renewed(standing, conflict) });
  }
  const chosen = choose(standing, { event, conflict, resolution, context });
  if (!chosen.ok) return chosen;
  const { writes, closing } = chosen.value;
  const rest = restWrites({ ...standing, state: chosen.value.state }, { event, conflict, resolution, context });
  const settled = { register: conflict.register, writes: { ...rest, ...writes }, ...(closing ? { closing } : {}) };
  return ok({ kind: 'change', data: { ...event.data, ...settled } as unknown as JsonObject });
};

const gone = rejection('already_resolved', 'this conflict is not open any more: see the history of the record');

const renewed = ({ state, clocks }: Standing, conflict: OpenConflict): OpenConflict => {
  const { clock, version } = lastChange(clocks, conflict.register);
  const current = fieldsOf(state, Object.keys(conflict.current));
  return { ...conflict, current, currentVersion: version, currentClock: clock };
};

interface Settling {
  readonly event: Proposing;
  readonly conflict: OpenConflict;
  readonly resolution: Resolution;
  readonly context: AskContext;
}

/** What the choice makes of the register. */
const choose = (
  standing: Standing,
  { event, conflict, resolution, context }: Settling,
): Result<Performed, Rejection> => {
  if (resolution.choice === 'current') return ok({ state: standing.state, writes: {} });
  const { register } = conflict;
  const value = resolution.choice === 'proposed' ? conflict.proposed : ((resolution.value ?? {}) as JsonObject);
  const stray = Object.keys(value).length === 0 ? register : strayField(register, value);
  if (stray !== undefined) return err(invalidField(`value.${stray}`, `must be a field of ${register}`));
  const steps = stepsTo(event.stream.type as ConflictStream, register, value);
  return perform({ stream: event.stream, current: standing }, steps, context);
};

/**
 * What the proposal wrote besides the register. It was asked about whole; whatever the choice is, these fields are merged
 * now, by the clock of the proposal.
 */
const restWrites = (standing: Standing, { conflict, context, event: { stream } }: Settling): Writes => {
  const { type, schemaVersion, at, data } = conflict.event;
  const newest = isEventType(type) ? upcast(type, schemaVersion, data) : undefined;
  if (!isEventType(type) || newest === undefined) return {};
  const rest = Object.fromEntries(Object.entries(newest.data).filter(([field]) => !(field in conflict.proposed)));
  const registersOf = (writes: Writes): string[] => Object.keys(writes).filter((name) => name !== conflict.register);
  if (registersOf(definitionOf(type).writes(newest.data, standing.state)).length === 0) return {};
  const judged = judge(standing, { type, data: rest, stream }, context);
  if (!judged.ok) return {};
  const writes = definitionOf(type).writes(judged.value.data, standing.state);
  const newer = registersOf(writes).filter((name) => lastChange(standing.clocks, name).clock < at);
  return Object.fromEntries(newer.map((name) => [name, writes[name] ?? {}]));
};
