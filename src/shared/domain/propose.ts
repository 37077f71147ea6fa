import { must } from '../base/assert.ts';
import type { HybridClock } from '../base/hybrid-clock.ts';
import type { Uuid } from '../base/ids.ts';
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CriticalRegister, OpenConflict } from '../contract/conflicts.ts';
import type { RegisterClocks } from '../contract/envelope.ts';
import type { EventType } from '../contract/events/registry.ts';
import type { RegisterPolicy } from '../contract/events/workspace.ts';
import type { Rejection } from '../contract/rejections.ts';
import { agrees, contest, contestedRegister } from './contest.ts';
import type { DecideContext } from './decider.ts';
import { judge, type Current, type Judged } from './judge.ts';
import { laterThanAll } from './register-clocks.ts';
import { settle } from './settle.ts';

/** A stream as it stands, with the clocks of its registers. */
export interface Standing extends Current {
  readonly clocks: RegisterClocks;
}

/** An event with what tells whether its author knew the present state. */
export interface Proposing extends Judged {
  readonly id: Uuid;
  readonly schemaVersion: number;
  readonly basedOn: number;
  readonly at: HybridClock;
}

export interface AskContext extends DecideContext {
  /** What the workspace settled for the register. */
  readonly policyOf: (register: CriticalRegister) => RegisterPolicy;
}

export interface ProposeContext extends AskContext {
  /** The stream's fields as after a version; undefined where they are not known (yet: a caller may load them and ask again). */
  readonly past: (version: number) => JsonObject | undefined;
}

/** What becomes of an event: it is stored with this data, or a conflict is. */
export type Proposal =
  | { readonly kind: 'change'; readonly data: JsonObject }
  | { readonly kind: 'conflict'; readonly conflict: OpenConflict };

/** Somebody has to be asked about the register first. */
export interface Asks {
  readonly kind: 'asks';
  readonly register: CriticalRegister;
}

/**
 * Whether an event may happen, and whether it may happen unasked: a critical register that changed meanwhile is not
 * overwritten. An event is taken whole or asked about whole. The same on phone and server; a phone does not go on to
 * what is asked.
 */
export const proposeUnasked = (
  standing: Standing | undefined,
  event: Proposing,
  context: AskContext,
): Result<Proposal | Asks, Rejection> => {
  if (event.type === 'ConflictResolved') return settle(standing, event, context);
  const judged = judge(standing, event, context);
  const register = standing && contestedRegister(standing, event, judged, context);
  const isAsked = standing && register && !(judged.ok && agrees(standing, { event, register }, judged.value));
  if (isAsked) return ok({ kind: 'asks', register });
  return judged.ok ? ok({ kind: 'change', data: judged.value.data as JsonObject }) : err(judged.error);
};

/** What becomes of an event, with the conflict that somebody is asked about. */
export const propose = (
  standing: Standing | undefined,
  event: Proposing,
  context: ProposeContext,
): Result<Proposal, Rejection> => {
  const proposal = proposeUnasked(standing, event, context);
  if (!proposal.ok) return proposal;
  if (proposal.value.kind !== 'asks') return ok(proposal.value);
  const asked = must(standing, 'a register that changed is one of a stream that exists');
  const conflict = contest(asked, { event, register: proposal.value.register, context });
  return conflict.ok ? ok({ kind: 'conflict', conflict: conflict.value }) : conflict;
};

/** What the log keeps for an event that was not refused. */
export const storedAs = (
  type: EventType,
  proposal: Proposal,
): { readonly type: EventType; readonly data: JsonObject } =>
  proposal.kind === 'change'
    ? { type, data: proposal.data }
    : { type: 'ConflictRaised', data: proposal.conflict as unknown as JsonObject };

/**
 * The clock by which an event merges, from its effective one. Whoever settles a conflict has seen what the register holds,
 * so a resolution is later than all that, however slow the device's clock is.
 */
export const mergeClock = (type: EventType, clock: HybridClock, clocks: RegisterClocks): HybridClock =>
  type === 'ConflictResolved' ? laterThanAll(clocks, clock) : clock;
