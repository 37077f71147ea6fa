import type { FoldedEvent, Projection, Row, StreamRows, StreamState, Table } from '../../projections/projection.ts';
import { NeedsPast } from '../../projections/projection.ts';

/** What the tables of a projection hold of one stream, by table name, in the order of their keys. */
export type Stored = Readonly<Record<string, readonly Row[]>>;

const keyText = (table: Table, row: Row): string =>
  table.primaryKey.map((column) => String(row[column]).padStart(10, '0')).join(' ');

const sorted = (table: Table, rows: Iterable<Row>): Row[] =>
  [...rows].toSorted((one, other) => (keyText(table, one) < keyText(table, other) ? -1 : 1));

const asStored = (row: Row): Row => JSON.parse(JSON.stringify(row)) as Row;

/** All rows of a stream that was folded in one go. */
export const foldedAtOnce = (projection: Projection, events: readonly FoldedEvent[]): Stored => {
  let state: StreamState | undefined;
  for (const event of events) state = projection.fold(state, event);
  if (state === undefined) return {};
  const rows: StreamRows = { ...projection.rows?.(state), [projection.tables[0].name]: [projection.row(state)] };
  return Object.fromEntries(
    projection.tables.map((table) => [table.name, sorted(table, (rows[table.name] ?? []).map(asStored))]),
  );
};

const merged = (table: Table, stored: readonly Row[], before: readonly Row[], after: readonly Row[]): Row[] => {
  const rows = new Map(stored.map((row) => [keyText(table, row), row]));
  for (const row of before) rows.delete(keyText(table, row));
  for (const row of after) rows.set(keyText(table, row), asStored(row));
  return sorted(table, rows.values());
};

/** The same when every event is a batch of its own, whose state goes to the tables and comes back from them. */
export const foldedOneByOne = (projection: Projection, events: readonly FoldedEvent[]): Stored => {
  const [first] = projection.tables;
  let stored: Stored = {};
  for (const [index, event] of events.entries()) {
    const row = stored[first.name]?.[0];
    const state = row && (Object.fromEntries(projection.state.map((key) => [key, row[key]])) as StreamState);
    try {
      const next = projection.fold(state, event);
      const before = (state && projection.rows?.(state)) ?? {};
      const after: StreamRows = { ...projection.rows?.(next), [first.name]: [projection.row(next)] };
      stored = Object.fromEntries(
        projection.tables.map((table) => [
          table.name,
          merged(table, stored[table.name] ?? [], before[table.name] ?? [], after[table.name] ?? []),
        ]),
      );
    } catch (error) {
      if (!(error instanceof NeedsPast) || state === undefined) throw error;
      stored = foldedAtOnce(projection, events.slice(0, index + 1));
    }
  }
  return stored;
};
