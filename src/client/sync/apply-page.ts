import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { isEventType } from '../../shared/contract/events/registry.ts';
import { upcast } from '../../shared/contract/events/upcast.ts';
import { STREAM_TYPES, type StreamType } from '../../shared/contract/streams.ts';
import { fold } from '../../shared/domain/merge.ts';
import type { Confirmed, ConfirmedRecords } from '../view/confirmed.ts';
import type { AnyStream, EnterOp, EventOp, LeaveOp, Op } from './answer.ts';
import { comesByState } from './by-state.ts';

/** What a page does to the cache. */
export interface PageChange {
  readonly puts: ReadonlyMap<Uuid, Confirmed>;
  readonly removes: ReadonlySet<Uuid>;
  /** Streams whose state has to be asked for, after this page. */
  readonly wants: ReadonlyMap<Uuid, AnyStream>;
}

interface Draft {
  readonly confirmed: ConfirmedRecords;
  readonly round: number;
  readonly puts: Map<Uuid, Confirmed>;
  readonly removes: Set<Uuid>;
  readonly wants: Map<Uuid, AnyStream>;
}

/** Folds the ops of a page, in order, onto the cache. Pure: nothing counts before it is durable. */
export const applyPage = (
  confirmed: ConfirmedRecords,
  ops: readonly Op[],
  { wants, round }: { readonly wants: ReadonlyMap<Uuid, AnyStream>; readonly round: number },
): PageChange => {
  const draft: Draft = { confirmed, round, puts: new Map(), removes: new Set(), wants: new Map(wants) };
  for (const op of ops) {
    if (op.op === 'enter') enter(draft, op);
    else if (op.op === 'event') happen(draft, op);
    else if (op.op === 'leave') leave(draft, op);
  }
  return draft;
};

const presentOf = ({ confirmed, puts, removes }: Draft, id: Uuid): Confirmed | undefined =>
  removes.has(id) ? undefined : (puts.get(id) ?? confirmed.get(id));

const put = (draft: Draft, record: Confirmed): void => {
  draft.removes.delete(record.id);
  draft.puts.set(record.id, record);
};

const remove = (draft: Draft, id: Uuid): void => {
  draft.puts.delete(id);
  draft.removes.add(id);
};

const isStreamType = (type: string): type is StreamType => (STREAM_TYPES as readonly string[]).includes(type);

/** A state is whole: it also makes a record readable again that an unknown event had made opaque. */
const enter = (draft: Draft, { stream, version, state, clocks, scope, root }: EnterOp): void => {
  draft.wants.delete(stream.id);
  const present = presentOf(draft, stream.id);
  if (present !== undefined && present.version > version) return;
  put(draft, {
    id: stream.id,
    type: stream.type,
    version,
    state,
    clocks,
    scope,
    root: root ?? stream.id,
    round: draft.round,
    ...(isStreamType(stream.type) ? {} : { opaque: true }),
  });
};

/** Whether this app can fold the event. */
const isReadable = ({ stream, type, schemaVersion, data }: EventOp): boolean =>
  isStreamType(stream.type) && isEventType(type) && upcast(type, schemaVersion, data) !== undefined;

const happen = (draft: Draft, op: EventOp): void => {
  const present = presentOf(draft, op.stream.id);
  const version = present?.version ?? 0;
  if (op.version <= version) return;
  if (comesByState(op)) return void draft.wants.set(op.stream.id, op.stream);
  if (present?.opaque === true || !isReadable(op)) return makeOpaque(draft, op, present);
  if (op.version > version + 1) draft.wants.set(op.stream.id, op.stream);
  else put(draft, folded(draft, op, present));
};

const folded = (draft: Draft, op: EventOp, present: Confirmed | undefined): Confirmed => ({
  ...fold(present, op),
  id: op.stream.id,
  type: op.stream.type,
  // An activity goes with its root, whose scope an event names.
  scope: op.root === op.stream.id ? op.scope : undefined,
  root: op.root,
  round: draft.round,
});

/** The last state that could be read stays on view, and its version still says where the gap began. */
const makeOpaque = (draft: Draft, op: EventOp, present: Confirmed | undefined): void => {
  const { id, type } = op.stream;
  put(draft, {
    id,
    type,
    version: present?.version ?? 0,
    state: present?.state ?? ({} satisfies JsonObject),
    clocks: present?.clocks ?? { '*': { clock: op.clock, version: op.version } },
    scope: op.root === id ? op.scope : undefined,
    root: op.root,
    round: draft.round,
    opaque: true,
  });
};

const leave = (draft: Draft, { stream, scope }: LeaveOp): void => {
  if (stream !== undefined) {
    draft.wants.delete(stream.id);
    removeWithActivities(draft, stream.id);
  }
  if (scope === undefined) return;
  for (const record of draft.confirmed.all()) if (record.scope === scope) removeIfThere(draft, record.id, scope);
  for (const record of Array.from(draft.puts.values()))
    if (record.scope === scope) removeWithActivities(draft, record.id);
};

/** Only where the page has not moved it into another scope before. */
const removeIfThere = (draft: Draft, id: Uuid, scope: Uuid): void => {
  if (presentOf(draft, id)?.scope === scope) removeWithActivities(draft, id);
};

const removeWithActivities = (draft: Draft, id: Uuid): void => {
  remove(draft, id);
  for (const activity of draft.confirmed.hangingOn(id)) remove(draft, activity);
  for (const record of Array.from(draft.puts.values())) if (record.root === id) remove(draft, record.id);
};

/** Once everything visible has been sent: what a new first sync did not bring again, and activities whose record is missing. */
export const leftBehind = (confirmed: ConfirmedRecords, change: PageChange, round: number): Uuid[] => {
  const isThere = (id: Uuid): boolean =>
    !change.removes.has(id) && (change.puts.has(id) || confirmed.get(id) !== undefined);
  const roundOf = (record: Confirmed): number => (change.puts.get(record.id) ?? record).round;
  const gone = new Set<Uuid>();
  for (const record of confirmed.all()) if (isThere(record.id) && roundOf(record) < round) gone.add(record.id);
  const orphans = (record: Confirmed): boolean =>
    record.root !== record.id && (!isThere(record.root) || gone.has(record.root));
  for (const record of confirmed.all()) if (isThere(record.id) && orphans(record)) gone.add(record.id);
  for (const record of change.puts.values()) if (orphans(record)) gone.add(record.id);
  return Array.from(gone);
};
