import type { Uuid } from '../../shared/base/ids.ts';
import type { CriticalRegister } from '../../shared/contract/conflicts.ts';
import { GROUP_EVENTS_MAX } from '../../shared/contract/envelope.ts';
import { rejection, REMEMBERED, type Rejection } from '../../shared/contract/rejections.ts';
import { duplicateOf, type FirstResult, type GroupConflict, type PushResult } from '../../shared/contract/sync.ts';
import type { Judged } from '../../shared/domain/judge.ts';
import { isMergeHalf, unpaired } from '../../shared/domain/merge-pair.ts';
import type { OutcomeRow } from '../log/append.ts';
import type { Outcome } from '../log/outcomes.ts';
import type { Principal } from '../access/principal.ts';
import type { Rights } from '../access/rights.ts';
import { decideEvent, type JudgedSender, type Sender, type Taken } from './decide-event.ts';
import { rollBack, save, type Draft } from './draft.ts';
import { isWellFormed, type Examined, type WellFormed } from './examine.ts';

/** One request's events and what became of them; several requests share a draft. */
export interface Request {
  readonly sender: Sender;
  readonly events: readonly Examined[];
}

/** What the log knows of an id, and whether this very group put it there (its answer was lost on the way). */
export interface Known extends Outcome {
  readonly ours: boolean;
}

type Verdict =
  | { readonly kind: 'taken'; readonly taken: Taken }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  | { readonly kind: 'contested'; readonly register: CriticalRegister }
  | { readonly kind: 'known'; readonly first: FirstResult; readonly ours: boolean }
  /** The same id stands earlier in the group. */
  | { readonly kind: 'repeat'; readonly of: Slot };

/** The place of one event's verdict; a rollback replaces it. */
interface Slot {
  readonly event: Examined;
  verdict: Verdict;
}

export interface GroupDecision {
  readonly outcomes: readonly OutcomeRow[];
  /** The results, once the append has told the head before it. */
  readonly results: (before: number) => PushResult[][];
}

const refused = (reason: Rejection): Verdict => ({ kind: 'refused', rejection: reason });
const blocked = (by: Uuid | null): Verdict =>
  refused({
    code: 'blocked',
    message: 'an event that this one depends on was refused',
    ...(by === null ? {} : { blockedBy: by }),
  });

const LEFT_OUT: ReadonlySet<string> = new Set<FirstResult['status']>(['rejected', 'conflict']);

const isRefusal = (verdict: Verdict): boolean =>
  verdict.kind === 'refused' ||
  verdict.kind === 'contested' ||
  (verdict.kind === 'known' && LEFT_OUT.has(verdict.first.status)) ||
  (verdict.kind === 'repeat' && isRefusal(verdict.of.verdict));

/** Decides the events of several requests, in order, into one draft. */
export const decideGroup = (draft: Draft, requests: readonly Request[], facts: Facts): GroupDecision => {
  const seen = new Map<Uuid, Slot>();
  const slots = requests.map((request) => decideRequest({ draft, ...facts, seen }, request));
  return {
    outcomes: slots.flat().flatMap(outcome),
    results: (before) => slots.map((row) => row.map((slot) => resultOf(slot, before))),
  };
};

/** What decisions start from besides the states. */
export interface Facts {
  readonly known: ReadonlyMap<Uuid, Known>;
  readonly rightsOf: (principal: Principal) => Rights;
}

interface Scope extends Facts {
  readonly draft: Draft;
  readonly seen: Map<Uuid, Slot>;
}
interface UnitScope extends Scope {
  /** What happens together with the event that is decided, itself included. */
  readonly unit: readonly Examined[];
  readonly grouped: boolean;
}

const decideRequest = (scope: Scope, { sender: request, events }: Request): Slot[] => {
  const sender = { ...request, rights: scope.rightsOf(request.principal) };
  // Streams whose creation was refused in this request, and the event to blame.
  const lost = new Map<Uuid, Uuid | null>();
  return units(events).flatMap((unit) => decideUnit(scope, sender, unit, lost));
};

/** Runs of consecutive events that share a `group`; any other event is a unit of its own. */
const units = (events: readonly Examined[]): Examined[][] => {
  const runs: Examined[][] = [];
  let open: Uuid | undefined;
  for (const event of events) {
    if (event.group !== undefined && event.group === open) runs.at(-1)?.push(event);
    else runs.push([event]);
    open = event.group;
  }
  return runs;
};

const decideUnit = (
  scope: Scope,
  sender: JudgedSender,
  unit: readonly Examined[],
  lost: Map<Uuid, Uuid | null>,
): Slot[] => {
  const atomic = unit.length > 1 || unit[0]?.group !== undefined;
  const savepoint = atomic ? save(scope.draft) : undefined;
  const slots: Slot[] = [];
  for (const event of unit) {
    const slot: Slot = {
      event,
      verdict:
        unit.length > GROUP_EVENTS_MAX
          ? refused(tooLong)
          : decideOne({ ...scope, unit, grouped: atomic }, sender, event, lost),
    };
    slots.push(slot);
    if (event.id !== null && !scope.seen.has(event.id)) scope.seen.set(event.id, slot);
  }
  const culprit = slots.find((slot) => isRefusal(slot.verdict));
  if (culprit !== undefined && savepoint !== undefined) undo(scope.draft, savepoint, slots, culprit);
  if (culprit !== undefined) noteLostStreams(slots, culprit, lost);
  return slots;
};

const tooLong = rejection('invalid', `a group holds at most ${GROUP_EVENTS_MAX} events`, [
  { path: 'group', message: `is shared by more than ${GROUP_EVENTS_MAX} events` },
]);

/** The rest of the group is blocked; what the log already knows stays as it is. */
const undo = (draft: Draft, savepoint: Parameters<typeof rollBack>[1], slots: readonly Slot[], culprit: Slot): void => {
  rollBack(draft, savepoint);
  for (const slot of slots) {
    const { verdict } = slot;
    if (slot === culprit || verdict.kind === 'known' || verdict.kind === 'repeat') continue;
    if (verdict.kind !== 'refused' || verdict.rejection !== tooLong) slot.verdict = blocked(culprit.event.id);
  }
};

const noteLostStreams = (slots: readonly Slot[], culprit: Slot, lost: Map<Uuid, Uuid | null>): void => {
  for (const { event, verdict } of slots) {
    if (isRefusal(verdict) && event.creates !== undefined) lost.set(event.creates, culprit.event.id);
  }
};

const decideOne = (
  scope: UnitScope,
  sender: JudgedSender,
  examined: Examined,
  lost: ReadonlyMap<Uuid, Uuid | null>,
): Verdict => {
  const { id, event, contentHash, bytes } = examined;
  const known = id === null ? undefined : scope.known.get(id);
  if (known !== undefined) {
    return known.contentHash === contentHash
      ? { kind: 'known', first: known.first, ours: known.ours }
      : refused(reused);
  }
  const earlier = id === null ? undefined : scope.seen.get(id);
  if (earlier !== undefined) {
    return earlier.event.contentHash === contentHash ? { kind: 'repeat', of: earlier } : refused(reused);
  }
  if (!isWellFormed(event)) return refused(event);
  const half = halfOfMerge(event, scope.unit);
  if (half !== undefined) return refused(half);
  const blame = blamed(scope.draft, event, lost);
  if (blame !== undefined) return blocked(blame);
  const decided = decideEvent(scope.draft, sender, event, { contentHash, bytes, grouped: scope.grouped });
  if (!decided.ok) return refused(decided.error);
  const { value } = decided;
  return 'ordinal' in value ? { kind: 'taken', taken: value } : { kind: 'contested', register: value.register };
};

/** Where something of the unit is malformed, that is what to mend: the whole unit is refused for it. */
const halfOfMerge = (event: WellFormed, unit: readonly Examined[]): Rejection | undefined => {
  if (!isMergeHalf(event.type)) return undefined;
  const together = unit.map((sibling) => sibling.event);
  return together.every(isWellFormed) ? unpaired(judged(event), together.map(judged)) : undefined;
};

const judged = ({ type, data, proposed }: WellFormed): Judged => ({ type, data, stream: proposed.stream });

const reused = rejection('id_reuse', 'this id was used before for other content: give the event a new id');

/** The refused creation that the event depends on: of its own stream, or of one that it refers to. */
const blamed = (
  draft: Draft,
  { proposed, definition, data }: Extract<Examined['event'], { proposed: unknown }>,
  lost: ReadonlyMap<Uuid, Uuid | null>,
): Uuid | null | undefined => {
  if (lost.size === 0) return undefined;
  const ids = [proposed.stream.id, ...definition.references(data).map(({ ref }) => ref.id)];
  const missing = ids.find(
    (id) => lost.has(id) && draft.written.get(id) === undefined && draft.loaded.get(id) === undefined,
  );
  return missing === undefined || (missing === proposed.stream.id && definition.creates === true)
    ? undefined
    : lost.get(missing);
};

const outcome = ({ event, verdict }: Slot): OutcomeRow[] => {
  if (event.id !== null && verdict.kind === 'contested')
    return [{ id: event.id, h: event.contentHash, r: contestedResult(event.id, verdict.register) }];
  if (event.id === null || verdict.kind !== 'refused' || !REMEMBERED.has(verdict.rejection.code)) return [];
  return [{ id: event.id, h: event.contentHash, r: { id: event.id, status: 'rejected', ...verdict.rejection } }];
};

const resultOf = ({ event, verdict }: Slot, before: number): PushResult => {
  switch (verdict.kind) {
    case 'taken':
      return takenResult(event.id as Uuid, verdict.taken, before);
    case 'contested':
      return contestedResult(event.id as Uuid, verdict.register);
    case 'refused':
      return { id: event.sentId, status: 'rejected', ...verdict.rejection };
    case 'known':
      return verdict.ours ? verdict.first : duplicateOf(verdict.first);
    case 'repeat':
      return repeatOf(resultOf(verdict.of, before));
  }
};

const contestedResult = (id: Uuid, register: CriticalRegister): GroupConflict => ({ id, status: 'conflict', register });

const takenResult = (
  id: Uuid,
  { ordinal, version, clock, superseded, conflict }: Taken,
  before: number,
): FirstResult => {
  if (conflict !== undefined) {
    const { conflictId, register } = conflict;
    return { id, status: 'conflict', position: before + ordinal, version, conflictId, register };
  }
  const taken = { position: before + ordinal, version, clock };
  return superseded.length === 0
    ? { id, status: 'accepted', ...taken }
    : { id, status: 'merged', ...taken, superseded };
};

/** A refusal that is not remembered is simply given again. */
const repeatOf = (first: PushResult): PushResult => {
  if (first.status === 'duplicate' || (first.status === 'rejected' && !REMEMBERED.has(first.code))) return first;
  return duplicateOf(first);
};
