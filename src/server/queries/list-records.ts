import { sql } from 'kysely';
import { withVisible } from './visible.ts';
import type { Viewer } from '../access/access.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { FilterField, Kind, ListSpec, SortField } from './list-fields.ts';
import type { ListRequest } from './list-request.ts';
import { invalidPage, pageToken, readPageToken, type PagePlace } from './page-token.ts';
import { fits, utc } from './parameters.ts';
import { readModel } from './read-model.ts';
import { allOf, rowsOf, type Fragment, type Runner } from './sql.ts';

interface ListRow {
  readonly id: Uuid;
  readonly place: string | number | null;
  /** JSON text as the projection built it. */
  readonly record: string;
}

/** A page of records; the texts are JSON already, so that nothing is parsed only to be written again. */
export interface RecordPage {
  readonly items: readonly string[];
  readonly next: string | null;
}

interface Order {
  readonly field: SortField;
  readonly descending: boolean;
}

/** One page of a list, in keyset order (sort column, id), of what the viewer may see. */
export const listRecords = async (
  runner: Runner,
  viewer: Viewer,
  spec: ListSpec,
  request: ListRequest,
): Promise<RecordPage> => {
  const order = orderOf(spec, request.sort);
  const place = request.after === undefined ? undefined : placeOf(request.after, request.sort, order);
  const rows = await rowsOf<ListRow>(runner, statement(viewer, spec, request, { order, place }));
  const page = rows.slice(0, request.limit);
  const last = page.at(-1);
  const more = rows.length > request.limit && last !== undefined;
  return {
    items: page.map((row) => row.record),
    next: more ? pageToken({ sort: request.sort, value: last.place, id: last.id }) : null,
  };
};

const orderOf = (spec: ListSpec, sort: string): Order => {
  const descending = sort.startsWith('-');
  const field = spec.sorts[descending ? sort.slice(1) : sort];
  if (field === undefined) throw new Error(`no sort ${sort}`);
  return { field, descending };
};

/** The token's place; its value is checked because a forged one must not reach a cast in PostgreSQL. */
const placeOf = (after: string, sort: string, { field }: Order): PagePlace => {
  const place = readPageToken(after, sort);
  const fitting = place.value === null ? field.nullable : fits[field.kind](String(place.value));
  if (!fitting) throw invalidPage();
  return place;
};

const statement = (
  viewer: Viewer,
  spec: ListSpec,
  request: ListRequest,
  { order, place }: { order: Order; place: PagePlace | undefined },
): Fragment => {
  const column = sql.ref(`r.${order.field.column}`);
  const id = sql`r.id`;
  const direction = order.descending ? sql`desc nulls last` : sql`asc nulls last`;
  return sql`
    select ${id} as id, ${column} as place, r.record
    from ${readModel(spec.table)} r
    where ${allOf([withVisible(viewer, 'r'), ...conditions(spec, request), ...(place === undefined ? [] : [beyond(order, id, place)])])}
    order by ${column} ${order.field.nullable ? direction : sql.raw(order.descending ? 'desc' : 'asc')}, ${id} ${sql.raw(order.descending ? 'desc' : 'asc')}
    limit ${request.limit + 1}`;
};

const valueOf = (kind: Kind, text: string): string => (kind === 'instant' ? utc(text) : text);

const CASTS = { text: 'text', instant: 'timestamptz', date: 'date', integer: 'bigint' } as const;

/** The rows after a place. The row comparison is what an index on (column, id) answers; rows without a value follow. */
const beyond = ({ field, descending }: Order, id: Fragment, place: PagePlace): Fragment => {
  const column = sql.ref(`r.${field.column}`);
  const compare = sql.raw(descending ? '<' : '>');
  if (place.value === null) return sql`(${column} is null and ${id} ${compare} ${place.id}::uuid)`;
  const value = sql`${valueOf(field.kind, String(place.value))}::${sql.raw(CASTS[field.kind])}`;
  const after = sql`(${column}, ${id}) ${compare} (${value}, ${place.id}::uuid)`;
  return field.nullable ? sql`(${after} or ${column} is null)` : after;
};

const conditions = (spec: ListSpec, request: ListRequest): Fragment[] => [
  ...(request.deleted || !spec.deletable ? [] : [sql`r.deleted_at is null`]),
  ...(request.q === undefined ? [] : [sql`r.search like ${`%${literal(request.q.toLowerCase())}%`}`]),
  ...filtersOf(spec, request.filters),
];

/** The conditions that a list's filters stand for, on the columns of `r`. */
export const filtersOf = (
  { filters }: Pick<ListSpec, 'filters'>,
  given: Readonly<Record<string, readonly string[]>>,
): Fragment[] =>
  Object.entries(given).map(([name, values]) => {
    const field = filters[name];
    if (field === undefined) throw new Error(`no filter ${name}`);
    return condition(field, values);
  });

/** The text with the wildcards of LIKE taken literally. */
const literal = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');

const TYPES = { ...CASTS, id: 'uuid', boolean: 'boolean' } as const;

const condition = ({ column, kind, operator }: FilterField, values: readonly string[]): Fragment => {
  const ref = sql.ref(`r.${column}`);
  const type = sql.raw(TYPES[kind]);
  if (operator === 'present') return values[0] === 'true' ? sql`${ref} is not null` : sql`${ref} is null`;
  if (operator === '>=' || operator === '<')
    return sql`${ref} ${sql.raw(operator)} ${valueOf(kind, values[0] ?? '')}::${type}`;
  const given = values.filter((value) => kind !== 'id' || value !== 'null');
  if (operator === 'contains') return sql`${ref} && ${given}::${type}[]`;
  const among = sql`${ref} = any(${given}::${type}[])`;
  return given.length === values.length ? among : sql`(${among} or ${ref} is null)`;
};
