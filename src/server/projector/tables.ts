import type { Column, Projection, Table } from '../../../projections/projection.ts';

type Versioned = Pick<Projection, 'version'>;

/** Behind the names of the tables that a rebuild fills: `deal_v1_rebuild`. */
export const SHADOW = '_rebuild';
/** Behind the names of the tables that those replaced, until they are dropped. */
export const RETIRED = '_retired';
/** Behind the names of the tables of a past moment: `deal_v1_as_of_0123456789ab`. */
export const AS_OF = '_as_of_';
/** The tables that serve have no suffix. */
export type Suffix = '' | typeof SHADOW | typeof RETIRED | `${typeof AS_OF}${string}`;

/** Room in each page for the next version of its rows, so that an update leaves the indexes alone. */
const FILL_PERCENT = 80;

const WORKSPACE: Column = { type: 'uuid not null', comment: 'The workspace.' };

type Columns = Pick<Table, 'columns'>;

const baseName = ({ version }: Versioned, table: Pick<Table, 'name'>, suffix: Suffix = ''): string =>
  `${table.name}_v${version}${suffix}`;

/** `read_model.deal_v1` */
export const tableName = (projection: Versioned, table: Pick<Table, 'name'>, suffix: Suffix = ''): string =>
  `read_model.${baseName(projection, table, suffix)}`;

/** The schema that analysts read. */
export const CRM = 'crm';

export const viewName = (table: Pick<Table, 'name'>, schema: string = CRM): string => `${schema}.${table.name}`;

/** All columns in order, workspace_id first. */
export const columnsOf = (table: Columns): readonly (readonly [name: string, column: Column])[] => [
  ['workspace_id', WORKSPACE],
  ...Object.entries(table.columns),
];

export const keyOf = (table: Table): readonly string[] => ['workspace_id', ...table.primaryKey];

/** The PostgreSQL type without constraints. */
export const typeOf = (column: Column): string => column.type.replace(/ not null$/, '');

export const createTable = (projection: Projection, table: Table, suffix: Suffix = ''): string => {
  const columns = columnsOf(table).map(([name, { type }]) => `${name} ${type}`);
  return `create table ${tableName(projection, table, suffix)} (${columns.join(', ')}) with (fillfactor = ${FILL_PERCENT})`;
};

/** Row-level security, as on every table with a workspace (migrations/0012); the projector works across them. */
export const isolateTable = (projection: Projection, table: Table, suffix: Suffix = ''): string =>
  `select isolate('${tableName(projection, table, suffix)}', 'leadzen_projector')`;

const keyName = (projection: Projection, table: Table, suffix: Suffix): string =>
  `${baseName(projection, table, suffix)}_pkey`;
const indexName = (projection: Projection, table: Table, ordinal: number, suffix: Suffix): string =>
  `${baseName(projection, table, suffix)}_idx${ordinal + 1}`;

/** The primary key and the indexes, a statement each, so that a rebuild can spread them. */
export const createIndexes = (projection: Projection, table: Table, suffix: Suffix = ''): readonly string[] => {
  const name = tableName(projection, table, suffix);
  const key = `alter table ${name} add constraint ${keyName(projection, table, suffix)} primary key (${keyOf(table).join(', ')})`;
  const others = table.indexes.map((index, ordinal) => {
    const [columns = '', condition] = index.split(' where ');
    const where = condition === undefined ? '' : ` where ${condition}`;
    return `create index ${indexName(projection, table, ordinal, suffix)} on ${name} (workspace_id, ${columns})${where}`;
  });
  return [key, ...others];
};

/** Gives a table and its indexes the names that go with another suffix; it stays the same table. */
export const renameTable = (projection: Projection, table: Table, from: Suffix, to: Suffix): readonly string[] => [
  `alter table ${tableName(projection, table, from)} rename to ${baseName(projection, table, to)}`,
  `alter index read_model.${keyName(projection, table, from)} rename to ${keyName(projection, table, to)}`,
  ...table.indexes.map(
    (_, ordinal) =>
      `alter index read_model.${indexName(projection, table, ordinal, from)} rename to ${indexName(projection, table, ordinal, to)}`,
  ),
];

/** Statistics of what people ask by; those of whole records would cost as much as all others together. */
export const analyzeTable = (projection: Projection, table: Table, suffix: Suffix): string => {
  const columns = columnsOf(table).filter(([, column]) => typeOf(column) !== 'json');
  return `analyze ${tableName(projection, table, suffix)} (${columns.map(([name]) => name).join(', ')})`;
};

/**
 * Analysts read the columns of the view, which asks with their rights, and their workspace's rows; the schema of the tables
 * is closed to them. The subselect is one lookup a statement (an InitPlan); the bare function would be one a row.
 */
export const openToAnalysts = (projection: Projection, table: Table, suffix: Suffix = ''): readonly string[] => {
  const shown = columnsOf(table).filter(([name, { internal }]) => internal !== true || table.shown?.includes(name));
  const name = tableName(projection, table, suffix);
  return [
    `grant select (${shown.map(([column]) => column).join(', ')}) on ${name} to leadzen_analyst`,
    `create policy of_analyst on ${name} for select to leadzen_analyst
       using (workspace_id = (select public.analyst_workspace()))`,
  ];
};

export const grantTable = (projection: Projection, table: Table, suffix: Suffix = ''): string =>
  `grant select on ${tableName(projection, table, suffix)} to leadzen_app`;
