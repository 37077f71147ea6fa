import { canonicalJson } from '../../shared/base/canonical-json.ts';
import { isJsonObject, type Json } from '../../shared/base/json.ts';
import { createdAtOf, updatedAtOf } from '../view/confirmed.ts';
import type { View } from '../view/view.ts';
import type { Viewed } from '../view/viewed.ts';
import { recordOf } from './record.ts';
import type { ListQuery, Page } from './types.ts';

const LIMIT = 50;
const LIMIT_MAX = 1000;

type Query = ListQuery<object>;
type Key = string | number | null;
type Row = readonly [key: Key, record: Viewed];

/** A page of what is on view: filtered, sorted and cut as the server's lists are. */
export const listRecords = <State>(
  view: View,
  type: string,
  query: ListQuery<State> = {},
): Page<ReturnType<typeof recordOf<State>>> => {
  const { limit = LIMIT, after, sort = '-createdAt' } = query as Query;
  const size = Math.min(Math.max(1, Math.floor(limit)), LIMIT_MAX);
  const isDescending = sort.startsWith('-');
  const order = orderBy(isDescending ? -1 : 1);
  const keyOf = keyBy(isDescending ? sort.slice(1) : sort);
  const isWanted = filterOf(query);
  const start = after === undefined ? undefined : startOf(after);
  const rows: Row[] = [];
  for (const id of view.idsOf(type)) {
    const record = view.get(id);
    if (record === undefined || !isWanted(record) || !view.isShown(record)) continue;
    const row: Row = [keyOf(record), record];
    if (start === undefined || order([row[0], id], start) > 0) rows.push(row);
  }
  rows.sort(([a, { id: x }], [b, { id: y }]) => order([a, x], [b, y]));
  const page = rows.slice(0, size);
  const last = rows.length > size ? page.at(-1) : undefined;
  return {
    items: page.map(([, record]) => recordOf<State>(record)),
    next: last === undefined ? undefined : JSON.stringify([last[0], last[1].id]),
  };
};

type Place = readonly [key: Key, id: string];

/** Records without a value come last, whatever the direction; equal ones are in the order of their ids. */
const orderBy =
  (direction: 1 | -1) =>
  ([a, x]: Place, [b, y]: Place): number => {
    if (a === b) return x < y ? -direction : Number(x > y) * direction;
    if (a === null) return 1;
    if (b === null) return -1;
    return a < b ? -direction : direction;
  };

const startOf = (after: string): Place => {
  const place = JSON.parse(after) as unknown;
  return (Array.isArray(place) ? place : [null, '']) as unknown as Place;
};

const keyBy =
  (field: string) =>
  ({ state, clocks }: Viewed): Key => {
    if (field === 'createdAt') return createdAtOf(clocks);
    if (field === 'updatedAt') return updatedAtOf(clocks);
    const value = state[field];
    if (typeof value === 'string') return value.toLowerCase();
    return typeof value === 'number' ? value : null;
  };

const NOT_FILTERS: ReadonlySet<string> = new Set(['limit', 'after', 'sort', 'q', 'deleted']);

const filterOf = (query: Query): ((record: Viewed) => boolean) => {
  const fields = Object.entries(query as Record<string, Json | undefined>).filter(
    ([key, value]) => !NOT_FILTERS.has(key) && value !== undefined,
  ) as [string, Json][];
  const words = (query.q ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const { deleted = false } = query;
  return ({ state }) => {
    if (deleted !== 'any' && (typeof state['deletedAt'] === 'string') !== deleted) return false;
    if (!fields.every(([field, wanted]) => matches(state[field] ?? null, wanted))) return false;
    return words.length === 0 || containsAll(Object.values(state), words);
  };
};

/** A value, any of several, or for a list in the record: an element of it. */
const matches = (value: Json, wanted: Json): boolean => {
  if (Array.isArray(value)) return value.some((element) => matches(element as Json, wanted));
  if (Array.isArray(wanted)) return wanted.some((one) => matches(value, one as Json));
  return (
    value === wanted || (isJsonObject(value) && isJsonObject(wanted) && canonicalJson(value) === canonicalJson(wanted))
  );
};

const containsAll = (values: readonly Json[], words: readonly string[]): boolean => {
  const text = JSON.stringify(values).toLowerCase();
  return words.every((word) => text.includes(word));
};
