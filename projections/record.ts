import type { Uuid } from '../src/shared/base/ids.ts';
import type { Json, JsonObject } from '../src/shared/base/json.ts';
import { type Draft, setField } from '../src/shared/contract/events/apply-writes.ts';
import type { Writes } from '../src/shared/contract/events/definition.ts';
import { updateConflicts } from '../src/shared/contract/conflicts.ts';
import type { ContactMethod, CustomFields } from '../src/shared/contract/events/shared-state.ts';
import { definitionOf, type EventType, eventTypesOf } from '../src/shared/contract/events/registry.ts';
import type { StreamType } from '../src/shared/contract/streams.ts';
import { occurredAt } from './occurrence.ts';
import {
  type Column,
  type FoldedEvent,
  type Projection,
  projection,
  type Row,
  type StreamState,
  type Table,
} from './projection.ts';

/** A record as REST serves it: the state's fields, and these. */
export type RecordOf<Fields> = Fields & {
  readonly id: Uuid;
  readonly version: number;
  /** When the creation occurred. */
  readonly createdAt: string;
  /** When the newest event was recorded. */
  readonly updatedAt: string;
};

/** What the fold of a stream of records keeps: the record, and the position of its newest event. */
export type RecordState = { readonly record: JsonObject; readonly position: number };

/** A column and where its value comes from. */
export interface RecordColumn<Fields> extends Column {
  readonly value: (record: RecordOf<Fields>) => unknown;
}

/** A main table: one row a stream, its columns read off the record. */
export interface RecordTable<Fields> {
  readonly name: string;
  readonly comment: string;
  /** The fields of a stream before its first event. */
  readonly initial: Fields;
  readonly columns: Readonly<Record<string, RecordColumn<Fields>>>;
  readonly indexes: readonly string[];
  /** What `q=` looks through. */
  readonly search?: (record: RecordOf<Fields>) => readonly (string | null | undefined)[];
  /** The record whose scope decides who sees this one; itself where left out. */
  readonly rootId?: (record: RecordOf<Fields>) => Uuid;
  readonly shown?: string;
}

/** A column that repeats a field. */
export const copy = <Fields>(
  field: keyof RecordOf<Fields> & string,
  type: string,
  comment: string,
): RecordColumn<Fields> => ({
  type,
  comment,
  value: (record) => record[field],
});

/** The same of a field that is about a person. */
export const copyPersonal = <Fields>(
  field: keyof RecordOf<Fields> & string,
  type: string,
  comment: string,
): RecordColumn<Fields> => ({ ...copy(field, type, comment), personal: true });

export const customFieldsColumn = {
  type: 'json',
  comment: 'The workspace’s own fields, as a JSON object; null where there are none.',
  value: ({ customFields }: { readonly customFields: CustomFields }) =>
    Object.keys(customFields).length === 0 ? null : customFields,
};

/** Of several addresses or numbers the one marked as primary, else the first. */
export const primaryOf = (methods: readonly ContactMethod[]): string | null =>
  (methods.find((method) => method.primary === true) ?? methods[0])?.value ?? null;

const OWN_COLUMNS: Record<string, Column> = {
  version: { type: 'integer not null', comment: 'How many events the record has had.' },
  position: { type: 'bigint not null', comment: 'The position of its newest event in the log of the workspace.' },
  created_at: { type: 'timestamptz not null', comment: 'When it was created, by the clock of who created it.' },
  updated_at: { type: 'timestamptz not null', comment: 'When the server recorded its newest event.' },
  root_id: { type: 'uuid not null', comment: 'The record whose scope decides who sees this one.', internal: true },
  record: { type: 'json not null', comment: 'The whole record, as REST serves it.', internal: true },
};

const SEARCH: Column = { type: 'text', comment: 'What q= looks through, in lower case.', internal: true };

/** The table as the projector makes it. */
export const tableOf = <Fields>(spec: RecordTable<Fields>, extra: Readonly<Record<string, Column>> = {}): Table => ({
  name: spec.name,
  comment: spec.comment,
  columns: {
    id: { type: 'uuid not null', comment: 'The id of the record.' },
    ...spec.columns,
    ...OWN_COLUMNS,
    ...(spec.search === undefined ? {} : { search: SEARCH }),
    ...extra,
  },
  primaryKey: ['id'],
  indexes: spec.indexes,
  ...(spec.shown === undefined ? {} : { shown: spec.shown }),
});

/**
 * Makes the row of a record in that table. A row begins as a copy of one with all columns: an object that grows key by key
 * is several times slower, and there is one for every event.
 */
export const rowMaker = <Fields>(spec: RecordTable<Fields>, extra: Readonly<Record<string, Column>> = {}) => {
  const blank = JSON.parse(
    JSON.stringify(Object.fromEntries(Object.keys(tableOf(spec, extra).columns).map((name) => [name, null]))),
  ) as Record<string, unknown>;
  const columns = Object.entries(spec.columns).map(([name, { value }]) => ({ name, value }));
  return (state: RecordState & StreamState): Row => {
    const record = state.record as unknown as RecordOf<Fields>;
    const row = { ...blank };
    row['id'] = record.id;
    for (const { name, value } of columns) row[name] = value(record) ?? null;
    row['version'] = record.version;
    row['position'] = state.position;
    row['created_at'] = record.createdAt;
    row['updated_at'] = record.updatedAt;
    row['root_id'] = spec.rootId?.(record) ?? record.id;
    row['record'] = record;
    if (spec.search !== undefined) row['search'] = searchText(spec.search(record));
    for (const name in extra) row[name] = state[name];
    return row;
  };
};

const searchText = (parts: readonly (string | null | undefined)[]): string | null =>
  parts
    .filter((part) => part !== null && part !== undefined)
    .join(' ')
    .toLowerCase() || null;

/** The record that an event finds: for a stream's first event, the fields before it. */
export const recordBefore = (record: JsonObject | undefined, event: FoldedEvent, initial: object): JsonObject =>
  record ?? {
    id: event.stream.id,
    ...(initial as JsonObject),
    version: 0,
    createdAt: occurredAt(event, undefined),
    updatedAt: event.recordedAt,
  };

/** What an event writes to the record that it finds. */
export const writesOf = (event: FoldedEvent, before: JsonObject): Writes =>
  definitionOf(event.type as EventType).writes(event.data, before);

/** The record after the event, whose lost fields are left alone. */
export const recordAfter = (before: JsonObject, event: FoldedEvent, writes: Writes): JsonObject => {
  const after: Draft = { ...before };
  const lost = event.superseded;
  for (const register in writes) {
    const fields = writes[register] as JsonObject;
    for (const field in fields)
      if (lost.length === 0 || !lost.includes(field)) setField(after, field, fields[field] as Json);
  }
  const { type, data, clock, version, superseded } = event;
  updateConflicts(after, { type, data, clock, version, superseded, writes });
  after['version'] = event.version;
  after['updatedAt'] = event.recordedAt;
  return after;
};

/** The same for folds that do not look at the writes themselves. */
export const foldRecord = (record: JsonObject | undefined, event: FoldedEvent, initial: object): JsonObject => {
  const before = recordBefore(record, event, initial);
  return recordAfter(before, event, writesOf(event, before));
};

/** A read model of one table, in which each stream of a type is a row. */
export const recordProjection = <Fields extends object>(
  stream: StreamType,
  version: number,
  spec: RecordTable<Fields>,
): Projection =>
  projection<RecordState>({
    name: spec.name,
    version,
    tables: [tableOf(spec)],
    state: ['record', 'position'],
    stream,
    handles: eventTypesOf(stream),
    fold: (state, event) => ({ record: foldRecord(state?.record, event, spec.initial), position: event.position }),
    row: rowMaker(spec),
  });
