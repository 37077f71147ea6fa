import {
  clockDevice,
  clockTime,
  CLOCK_AHEAD_MAX_MS,
  effectiveClock,
  formatClock,
  type HybridClock,
} from '../../shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { conflictsOf, type CriticalRegister, type OpenConflict } from '../../shared/contract/conflicts.ts';
import { STATE_BYTES_MAX, type StreamRef } from '../../shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../../shared/contract/events/registry.ts';
import { initialWorkspace, type WorkspaceState } from '../../shared/contract/events/workspace.ts';
import { occurrence } from '../../shared/contract/occurrence.ts';
import { rejection, wrongState, type Rejection } from '../../shared/contract/rejections.ts';
import { isServerMade, mayWrite, movesAccess } from '../../shared/domain/access.ts';
import { merge } from '../../shared/domain/merge.ts';
import { mergeClock, propose, storedAs, type ProposeContext } from '../../shared/domain/propose.ts';
import { laterThanAll, newestClockOf } from '../../shared/domain/register-clocks.ts';
import { deciderOf } from '../../shared/domain/registry.ts';
import { rootOf, scopeOf } from '../../shared/domain/scope.ts';
import type { Principal } from '../access/principal.ts';
import type { Rights } from '../access/rights.ts';
import { scopeId, SHARED_SCOPE } from '../access/scope-id.ts';
import type { StreamSnapshot } from '../log/read-streams.ts';
import { readPastOf, readSnapshot, type Draft } from './draft.ts';
import type { WellFormed } from './examine.ts';
import { frozenWorth } from './frozen-worth.ts';
import { forbids, isReferable, isSeen } from './judge-rights.ts';
import { salt } from './salt.ts';

/** What a sender demands of the stream that an event is about to change; asked again whenever the stream changed meanwhile. */
export type Guard = (eventId: Uuid, before: StreamSnapshot | undefined) => Rejection | undefined;

/** Who sends, from where and when: the same for all events of a request. */
export interface Sender {
  readonly principal: Principal;
  /** Devices that `at` may name. */
  readonly devices: ReadonlySet<Uuid>;
  readonly defaultPipelineId: Uuid | undefined;
  readonly guard?: Guard | undefined;
  /** Whether events count as based on whatever is there when they are decided. */
  readonly onPresent: boolean;
  /** Of the reception: milliseconds since the epoch, and the same as ISO time. */
  readonly receivedMs: number;
  readonly receivedAt: string;
}

/** With the rights that the log gives the sender. */
export interface JudgedSender extends Sender {
  readonly rights: Rights;
}

/** The time is made once a request: formatting one costs as much as a small decision. */
export const senderAt = (
  receivedMs: number,
  sender: Pick<Sender, 'principal' | 'devices' | 'defaultPipelineId' | 'guard' | 'onPresent'>,
): Sender => ({
  ...sender,
  receivedMs,
  receivedAt: new Date(receivedMs).toISOString(),
});

/** An event that the draft holds now. */
export interface Taken {
  readonly ordinal: number;
  readonly version: number;
  readonly clock: HybridClock;
  readonly superseded: readonly string[];
  /** Where a conflict took the event's place. */
  readonly conflict?: Pick<OpenConflict, 'conflictId' | 'register'> | undefined;
}

/** An event of a group that would raise a conflict, which a group never does. */
export interface Contested {
  readonly register: CriticalRegister;
}

/** Nearly every event is of the past, which needs no limit made. */
const isAhead = (time: string, { receivedAt, receivedMs }: Sender): boolean =>
  time > receivedAt && time > new Date(receivedMs + CLOCK_AHEAD_MAX_MS).toISOString();

const clockOf = ({ proposed, type }: WellFormed, before: StreamSnapshot | undefined, sender: Sender): HybridClock => {
  const { receivedMs } = sender;
  const clocks = before?.clocks ?? {};
  const { at } = proposed;
  const clock = !isAhead(clockTime(at), sender)
    ? at
    : effectiveClock(at, receivedMs, newestClockOf(clocks, clockDevice(at)));
  return mergeClock(type, clock, clocks);
};

/** The scope of the root of a stream: of itself, or of the record that an activity is about. */
const rootScope = (draft: Draft, snapshot: StreamSnapshot): Uuid => {
  if (snapshot.scope !== null) return snapshot.scope;
  const root = snapshot.root === snapshot.id ? undefined : readSnapshot(draft, snapshot.root);
  if (root !== undefined && root.scope !== null) return root.scope;
  return internedScope(draft, null, (snapshot.state['ownerId'] as Uuid | null | undefined) ?? null);
};

const internedScope = (draft: Draft, teamId: Uuid | null, ownerId: Uuid | null): Uuid => {
  const id = scopeId(teamId, ownerId);
  draft.scopes.set(id, { id, t: teamId, w: ownerId });
  return id;
};

const scopeOfState = (draft: Draft, type: StreamSnapshot['type'], state: JsonObject): Uuid | null => {
  const scope = scopeOf(type, state);
  if (scope === null) return null;
  return scope === 'shared' ? SHARED_SCOPE : internedScope(draft, scope.teamId, scope.ownerId);
};

/**
 * A state's size after an event, or undefined where it would be too large. Serializing every state only to measure it
 * would double the cost of an event, so a bound is carried along and the state measured when that passes the limit.
 * Open conflicts repeat what a register holds, so that the bound says nothing there.
 */
const sizeAfter = (boundBefore: number, eventBytes: number, state: JsonObject): number | undefined => {
  const bound = boundBefore + eventBytes;
  if (bound <= STATE_BYTES_MAX && conflictsOf(state).length === 0) return bound;
  const exact = Buffer.byteLength(JSON.stringify(state));
  return exact <= STATE_BYTES_MAX ? exact : undefined;
};

const permitted = (sender: JudgedSender, event: WellFormed): Rejection | undefined => {
  const { principal, devices, rights } = sender;
  const device = clockDevice(event.proposed.at);
  if (!devices.has(device) && !(device === SERVER_DEVICE && principal.deviceId === SERVER_DEVICE)) {
    return rejection('invalid', 'at: names a device that is not one of yours', [
      { path: 'at', message: 'must end in the id of a device of the same user' },
    ]);
  }
  if (isServerMade(event.type) && principal.deviceId !== SERVER_DEVICE) {
    return rejection('forbidden', `${event.type} is made by the server alone`);
  }
  return mayWrite(rights.role, event.type)
    ? undefined
    : rejection('forbidden', `the role ${rights.role} may not make ${event.type}`);
};

interface Deciding {
  readonly contentHash: string;
  readonly bytes: number;
  /** Part of a group that is all or nothing. */
  readonly grouped: boolean;
}

/** Asks the rules about one event and, where they agree, adds it to the draft, or the conflict that takes its place. */
export const decideEvent = (
  draft: Draft,
  sender: JudgedSender,
  event: WellFormed,
  { grouped, ...size }: Deciding,
): Result<Taken | Contested, Rejection> => {
  const { proposed, type, definition } = event;
  const refusal = permitted(sender, event);
  if (refusal !== undefined) return err(refusal);
  const creates = definition.creates === true;
  const present = readSnapshot(draft, proposed.stream.id, creates);
  // What the sender may not see is treated like what does not exist; only its id is taken.
  const found = creates || isSeen(draft, sender, present) ? present : undefined;
  const before = found?.type === proposed.stream.type ? found : undefined;
  if (found !== undefined && before === undefined && !creates) {
    return err(rejection('unknown_stream', `there is no such ${proposed.stream.type}`));
  }
  const forbidden = forbids(draft, sender, { event, before });
  if (forbidden !== undefined) return err(forbidden);
  const objection = sender.guard?.(proposed.id, before);
  if (objection !== undefined) return err(objection);
  const clock = clockOf(event, before, sender);
  const { id, stream, schemaVersion, at } = proposed;
  const basedOn = sender.onPresent ? (before?.version ?? 0) : proposed.basedOn;
  const proposal = propose(
    found,
    { id, type, schemaVersion, stream, basedOn, at, data: event.data },
    contextOf(draft, sender, event, clock),
  );
  if (!proposal.ok) return proposal;
  const { value } = proposal;
  if (value.kind === 'conflict' && grouped) return ok({ register: value.conflict.register });
  const stored = value.kind === 'conflict' ? raisedAs(sender, before, value.conflict) : { type, at, clock, ...value };
  return write(draft, sender, { id, stream, before, ...stored, ...size });
};

const contextOf = (draft: Draft, sender: JudgedSender, event: WellFormed, clock: HybridClock): ProposeContext => ({
  streamId: event.proposed.stream.id,
  actor: sender.principal.userId,
  clock,
  receivedAt: sender.receivedAt,
  defaultPipelineId: sender.defaultPipelineId,
  lookup: (ref) => {
    const snapshot = readSnapshot(draft, ref.id);
    return snapshot?.type === ref.type && isReferable(draft, sender, { event, snapshot }) ? snapshot.state : undefined;
  },
  worth: (money, at) => frozenWorth(draft, sender.principal.workspaceId, money, at),
  policyOf: (register) => {
    const workspace = readSnapshot(draft, sender.principal.workspaceId)?.state ?? initialWorkspace;
    return (workspace as unknown as WorkspaceState).registers[register];
  },
  past: (version) => readPastOf(draft, { stream: event.proposed.stream, version }),
});

/** The server's own event: its clock comes after the newest one in the stream. */
const raisedAs = ({ receivedMs }: Sender, before: StreamSnapshot | undefined, conflict: OpenConflict) => {
  const now = formatClock({ time: receivedMs, counter: 0, device: SERVER_DEVICE });
  const at = laterThanAll(before?.clocks ?? {}, now);
  return { ...storedAs('ConflictRaised', { kind: 'conflict', conflict }), at, clock: at, conflict };
};

/** An event as the log is to keep it. */
interface Decision {
  readonly id: Uuid;
  readonly stream: StreamRef;
  readonly before: StreamSnapshot | undefined;
  readonly type: EventType;
  /** Completed by the rules. */
  readonly data: JsonObject;
  readonly at: HybridClock;
  readonly clock: HybridClock;
  readonly conflict?: OpenConflict;
  readonly contentHash: string;
  readonly bytes: number;
}

/** Merges a decided event into its stream and adds both rows. */
const write = (draft: Draft, sender: Sender, decision: Decision): Result<Taken, Rejection> => {
  const { stream, before, type, data, clock, conflict } = decision;
  const state = before?.state ?? deciderOf(stream.type).initialState;
  const version = (before?.version ?? 0) + 1;
  const writes = definitionOf(type).writes(data, state);
  const merged = merge({ state, clocks: before?.clocks ?? {} }, { type, data, writes, clock, version });
  const stateBytes = sizeAfter(before?.stateBytes ?? INITIAL_STATE_BYTES, decision.bytes, merged.state);
  if (stateBytes === undefined) {
    return err(wrongState(`this record would hold more than ${STATE_BYTES_MAX} bytes: shorten it`));
  }
  const snapshot: StreamSnapshot = {
    id: stream.id,
    type: stream.type,
    version,
    root: before?.root ?? rootOf(stream.type, stream.id, merged.state),
    scope: scopeOfState(draft, stream.type, merged.state),
    createdAt: before?.createdAt ?? occurrence(clock, sender.receivedAt),
    state: merged.state,
    clocks: merged.clocks,
    stateBytes,
  };
  const ordinal = draft.events.length + 1;
  addRows(draft, sender, { decision, before, snapshot, ordinal, superseded: merged.superseded });
  if (movesAccess(type)) draft.accessOrdinal = ordinal;
  return ok({ ordinal, version, clock, superseded: merged.superseded, conflict });
};

/** What the empty fields of any state take up. */
const INITIAL_STATE_BYTES = 1024;

interface Addition {
  readonly decision: Decision;
  readonly before: StreamSnapshot | undefined;
  readonly snapshot: StreamSnapshot;
  readonly ordinal: number;
  readonly superseded: readonly string[];
}

const addRows = (draft: Draft, sender: Sender, { decision, before, snapshot, ordinal, superseded }: Addition): void => {
  const { id, type, data, at, clock, contentHash } = decision;
  draft.events.push({
    ordinal,
    eventId: id,
    streamType: snapshot.type,
    streamId: snapshot.id,
    version: snapshot.version,
    type,
    schemaVersion: definitionOf(type).schemaVersion,
    data,
    actorId: sender.principal.userId,
    deviceId: clockDevice(at),
    at,
    clock: clock === at ? undefined : clock,
    scopeId: rootScope(draft, snapshot),
    rootId: snapshot.root,
    superseded: superseded.length === 0 ? undefined : superseded,
    contentHash,
    salt: salt(),
  });
  draft.written.set(snapshot.id, { snapshot, ordinal });
  if (before !== undefined && before.scope !== null && snapshot.scope !== null && before.scope !== snapshot.scope) {
    draft.rescopes.push({ o: ordinal, r: snapshot.root, a: before.scope, b: snapshot.scope });
  }
};
