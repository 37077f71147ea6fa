import { clockDevice } from '../base/hybrid-clock.ts';
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  conflictsOf,
  fieldsOf,
  isCritical,
  mayConflict,
  type CriticalRegister,
  type OpenConflict,
} from '../contract/conflicts.ts';
import { definitionOf } from '../contract/events/registry.ts';
import type { Rejection } from '../contract/rejections.ts';
import type { Decided } from './decider.ts';
import { judge } from './judge.ts';
import type { AskContext, ProposeContext, Proposing, Standing } from './propose.ts';
import { foreignChange, lastChange } from './register-clocks.ts';
import { holds } from './register-change.ts';

/**
 * The critical register that an event writes although it changed after `basedOn`, not by the event's own device. Asked of
 * events that the rules refuse, too: that a deal is closed may be just what its author did not know.
 */
export const contestedRegister = (
  { state, version, clocks }: Standing,
  event: Proposing,
  judged: Result<Decided, Rejection>,
  { policyOf }: AskContext,
): CriticalRegister | undefined => {
  const { type, stream, basedOn, at } = event;
  if (basedOn >= version || !mayConflict(stream.type)) return undefined;
  const definition = definitionOf(type);
  if (definition.creates === true) return undefined;
  const writes = definition.writes(judged.ok ? judged.value.data : event.data, state);
  return Object.keys(writes)
    .filter(isCritical)
    .find(
      (register) => foreignChange(clocks, register, clockDevice(at)) > basedOn && policyOf(register) === 'conflict',
    );
};

/** The register's fields as the event leaves them, on one view of the stream. */
const proposedOn = (
  standing: Standing,
  view: JsonObject,
  { event, register, context }: Contest,
): Result<JsonObject, Rejection> => {
  const state = { ...standing.state, ...view };
  const judged = judge({ ...standing, state }, event, context);
  if (!judged.ok) return judged;
  return ok(definitionOf(event.type).writes(judged.value.data, state)[register] ?? {});
};

/** An event that writes to a register about which somebody may have to be asked. */
export interface Contested {
  readonly event: Proposing;
  readonly register: CriticalRegister;
}
export interface Contest extends Contested {
  readonly context: ProposeContext;
}

/** The open conflict of the event's device about the register. */
const ownConflict = ({ state }: Standing, { event, register }: Contest): OpenConflict | undefined =>
  conflictsOf(state).find((conflict) => conflict.register === register && conflict.device === clockDevice(event.at));

/**
 * The conflict that the event raises, or renews with its proposal. The proposal is what the event makes of the device's
 * own view: of its earlier proposal where one is open, so that edits which build on each other stay together; where the
 * rules refuse that, of what the event was based on. Refused on both, it would have been refused to its author alone.
 */
export const contest = (standing: Standing, contested: Contest): Result<OpenConflict, Rejection> => {
  const { event, register, context } = contested;
  const own = ownConflict(standing, contested);
  const past = context.past(event.basedOn);
  let proposed = proposedOn(standing, own?.proposed ?? {}, contested);
  if (!proposed.ok && past !== undefined) {
    const fields = Object.keys(writtenFields(standing, contested));
    proposed = proposedOn(standing, { ...fieldsOf(past, fields), ...own?.proposed }, contested);
  }
  if (!proposed.ok) return err(proposed.error);
  const all = { ...own?.proposed, ...proposed.value };
  const fields = Object.keys(all);
  const { clock, version } = lastChange(standing.clocks, register);
  const { id, type, schemaVersion, basedOn, at, data } = event;
  return ok({
    conflictId: own?.conflictId ?? id,
    register,
    base: past === undefined ? null : fieldsOf(past, fields),
    current: fieldsOf(standing.state, fields),
    currentVersion: version,
    currentClock: clock,
    proposed: all,
    actor: context.actor,
    device: clockDevice(at),
    event: { id, type, schemaVersion, basedOn, at, data },
  });
};

/** All fields that the event may write to the register, whatever the rules would say. */
const writtenFields = ({ state }: Standing, { event, register }: Contest): JsonObject =>
  definitionOf(event.type).writes(event.data, state)[register] ?? {};

/** Whether the event leaves the register as it is, so that there is nothing to ask. */
export const agrees = ({ state }: Standing, { event, register }: Contested, judged: Decided): boolean =>
  holds(state, definitionOf(event.type).writes(judged.data, state)[register] ?? {});
