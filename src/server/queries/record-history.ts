import type { Uuid } from '../../shared/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/base/json.ts';
import type { StoredEvent } from '../../shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../../shared/contract/events/registry.ts';
import { upcast } from '../../shared/contract/events/upcast.ts';
import { occurrence } from '../../shared/contract/occurrence.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { evolve } from '../../shared/domain/merge.ts';
import { deciderOf } from '../../shared/domain/registry.ts';
import type { Viewer } from '../access/access.ts';
import { invalidPage, pageToken, readPageToken } from './page-token.ts';
import type { Runner } from './sql.ts';
import { findRecord } from './stored-record.ts';
import { streamEvents } from '../log/stream-events.ts';

export interface FieldChange {
  readonly field: string;
  readonly old: Json;
  readonly new: Json;
  /** The change lost against a newer one: the field kept its old value. */
  readonly superseded?: true;
}

export interface HistoryEntry {
  readonly position: number;
  readonly version: number;
  readonly id: Uuid;
  readonly type: string;
  readonly actor: Uuid;
  readonly device: Uuid;
  readonly at: string;
  /** When it happened, by the clock of who did it. */
  readonly occurredAt: string;
  /** When the server learned of it. */
  readonly recordedAt: string;
  readonly superseded: readonly string[];
  readonly changes: readonly FieldChange[];
  /** What was said with it: reasons and notes that are no field of the record stand here alone. */
  readonly data: JsonObject;
  /** Of ConflictRaised: what was asked. It changed nothing; the device of the proposal is named in it. */
  readonly conflict?: JsonObject;
  /** Of ConflictResolved: what was chosen. */
  readonly resolution?: JsonObject;
}

export interface HistoryPage {
  readonly items: readonly HistoryEntry[];
  readonly next: string | null;
}

const ORDER = 'version';

/** Every change of a record, the oldest first; undefined where there is none to be seen. Deleted records keep theirs. */
export const recordHistory = async (
  runner: Runner,
  viewer: Viewer,
  { type, id }: { readonly type: StreamType; readonly id: Uuid },
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<HistoryPage | undefined> => {
  const found = await findRecord(runner, viewer, type, id);
  if (found === undefined) return undefined;
  const after = page.after === undefined ? 0 : versionOf(page.after, id);
  const upTo = { version: after + page.limit };
  const entries = entriesOf(await streamEvents(runner, viewer.workspaceId, { type, id }, upTo), type);
  const more = found.version > upTo.version;
  return { items: entries.slice(after), next: more ? pageToken({ sort: ORDER, value: upTo.version, id }) : null };
};

const versionOf = (token: string, id: Uuid): number => {
  const place = readPageToken(token, ORDER);
  if (place.id === id && Number.isInteger(place.value) && Number(place.value) > 0)
    return Math.min(Number(place.value), 2 ** 30);
  throw invalidPage();
};

const entriesOf = (events: readonly StoredEvent[], type: StreamType): HistoryEntry[] => {
  let state = deciderOf(type).initialState;
  let createdAt: string | undefined;
  return events.map((event) => {
    const occurredAt = occurrence(event.clock, event.recordedAt, createdAt);
    createdAt ??= occurredAt;
    const changes = changesOf(state, event);
    state = evolve(state, event);
    const { position, version, id, actor, device, at, recordedAt, superseded } = event;
    const told = { position, version, id, type: event.type, actor, device, at, occurredAt, recordedAt, superseded };
    return { ...told, changes, data: event.data, ...aboutConflict(event) };
  });
};

const aboutConflict = ({ type, data }: StoredEvent): Pick<HistoryEntry, 'conflict' | 'resolution'> => {
  if (type === 'ConflictRaised') return { conflict: data };
  if (type !== 'ConflictResolved') return {};
  const { writes: _, closing: __, ...resolution } = data;
  return { resolution };
};

/** What the event wrote, field by field. A creation says nothing of the fields it left empty. */
const changesOf = (state: JsonObject, event: StoredEvent): FieldChange[] => {
  const data = upcast(event.type, event.schemaVersion, event.data)?.data ?? event.data;
  const writes = definitionOf(event.type as EventType).writes(data, state);
  const changes: FieldChange[] = [];
  for (const fields of Object.values(writes)) {
    for (const [field, value] of Object.entries(fields)) {
      const old = fieldOf(state, field);
      if (event.superseded.includes(field)) changes.push({ field, old, new: value, superseded: true });
      else if (JSON.stringify(old) !== JSON.stringify(value)) changes.push({ field, old, new: value });
    }
  }
  return changes;
};

const CUSTOM = 'customFields.';

const fieldOf = (state: JsonObject, field: string): Json => {
  if (!field.startsWith(CUSTOM)) return state[field] ?? null;
  const custom = state['customFields'];
  return isJsonObject(custom) ? (custom[field.slice(CUSTOM.length)] ?? null) : null;
};
