import type { Projection, Table } from '../../../projections/projection.ts';
import { projections } from '../../../projections/registry.ts';
import { assert } from '../../shared/base/assert.ts';
import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import type { StreamType } from '../../shared/contract/streams.ts';

/** Columns that rows of a history also have as they are in the row before on the same clock, as `was_…`. */
interface LookingBack {
  readonly columns: readonly string[];
  /** The rows that follow one another have these in common, and are numbered. */
  readonly among: readonly string[];
  readonly along: string;
  /** A row is on the clocks whose column is not null. */
  readonly clocks: { readonly recorded: string; readonly occurred: string };
}

/** A table of PostgreSQL that a workspace's columns are copied from. */
export interface CopiedTable {
  /** As queries call it: `read_model.deal_v3`. */
  readonly name: string;
  /** By name, without workspace_id. */
  readonly columns: Readonly<Record<string, string>>;
  /** What of its rows is copied, beside the workspace's. */
  readonly where: string;
  readonly lookedBack?: LookingBack | undefined;
  /** Whose events change a row, and the column that names the stream; without, all of its few rows are copied each time. */
  readonly stream?: { readonly types: 'any' | StreamType; readonly key: string };
}

const ALL = 'true';

/** Columns that questions need, of tables that have many more: what is not copied takes no room. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  deal: ['id', 'created_at', 'source_lead_id'],
  activity: ['id', 'root_id'],
  company: ['id', 'name'],
  app_user: ['id', 'name'],
};

/** Of histories: what the row before has, which queries would have to sort for. */
const LOOKED_BACK: Readonly<Record<string, LookingBack>> = {
  deal_history: {
    columns: [
      'outcome',
      'deleted',
      'amount_minor',
      'currency',
      'expected_close_date',
      'owner_id',
      'team_id',
      'pipeline_id',
      'company_id',
      'source',
    ],
    among: ['deal_id'],
    along: 'entry',
    clocks: { recorded: 'from_position', occurred: 'from_at' },
  },
  deal_stage_visit: {
    columns: ['left_position', 'left_known_at', 'left_at'],
    among: ['deal_id', 'pipeline_id', 'stage_id'],
    along: 'visit',
    clocks: { recorded: 'entered_position', occurred: 'entered_at' },
  },
};

/** Read models that metrics ask. */
const ASKED: ReadonlySet<string> = new Set([
  'lead_history',
  'company',
  'deal',
  'deal_stage_visit',
  'deal_history',
  'activity',
  'activity_history',
  'pipeline',
  'pipeline_stage',
  'pipeline_board',
  'sales_metrics',
  'app_user',
  'team',
  'team_member',
  'workspace',
  'exchange_rate',
  'quota',
  'forecast_submission',
]);

const TYPES: Readonly<Record<string, string>> = {
  uuid: 'uuid',
  text: 'varchar',
  boolean: 'boolean',
  integer: 'integer',
  bigint: 'bigint',
  'numeric(24, 4)': 'decimal(24, 4)',
  date: 'date',
  timestamptz: 'timestamptz',
};

/** Nothing about a person is copied, and no state of a fold. */
const copiedColumns = (table: Table): Record<string, string> => {
  const only = ONLY[table.name];
  const entries = Object.entries(table.columns).flatMap(([name, { type, personal }]) => {
    const known = TYPES[type.replace(/ not null$/, '')];
    const wanted = only === undefined ? known !== undefined && personal !== true : only.includes(name);
    return wanted && known !== undefined ? [[name, known] as const] : [];
  });
  return Object.fromEntries(entries);
};

const readModelOf = ({ version, stream }: Projection, table: Table): CopiedTable => ({
  name: `read_model.${table.name}_v${version}`,
  columns: copiedColumns(table),
  where: ALL,
  lookedBack: LOOKED_BACK[table.name],
  stream: { types: stream, key: table.primaryKey[0] },
});

/** What the one predicate looks at, and which users are no people. */
const RIGHTS: readonly CopiedTable[] = [
  {
    name: 'stream',
    columns: { stream_id: 'uuid', scope_id: 'uuid' },
    where: 'scope_id is not null',
    stream: { types: 'any', key: 'stream_id' },
  },
  { name: 'scope', columns: { scope_id: 'uuid', team_id: 'uuid', owner_id: 'uuid' }, where: ALL },
  { name: 'api_key', columns: { user_id: 'uuid' }, where: ALL },
];

export const copiedTables: readonly CopiedTable[] = [
  ...projections.flatMap((projection) =>
    projection.tables.filter(({ name }) => ASKED.has(name)).map((table) => readModelOf(projection, table)),
  ),
  ...RIGHTS,
];

/** Where DuckDB keeps the rows; the queries' name is a view of them, for one workspace. */
const baseOf = ({ name }: CopiedTable): string => `${name}_rows`;

const asId = (id: Uuid): string => {
  assert(isUuid(id), `${id} is not an id`);
  return `'${id}'::uuid`;
};

const listed = (ids: readonly Uuid[]): string => ids.map(asId).join(', ');

export const createCopiedTable = (table: CopiedTable, workspaceId: Uuid): readonly string[] => [
  `create table ${baseOf(table)} (${[
    ...Object.entries(table.columns).map(([name, type]) => `${name} ${type}`),
    ...(table.lookedBack?.columns ?? []).map((name) => `was_${name} ${table.columns[name]}`),
  ].join(', ')})`,
  `create view ${table.name} as select ${asId(workspaceId)} as workspace_id, * from ${baseOf(table)}`,
];

/** Rows as CSV out of PostgreSQL: all of the workspace, or those of some streams. */
export const copyOut = ({ name, columns, where, stream }: CopiedTable, workspaceId: Uuid, ids?: readonly Uuid[]) => {
  const some = ids === undefined || stream === undefined ? ALL : `${stream.key} in (${listed(ids)})`;
  return `copy (select ${Object.keys(columns).join(', ')} from ${name}
    where workspace_id = ${asId(workspaceId)} and ${where} and ${some}) to stdout (format csv)`;
};

/** Bytes of a row: ids, names and reasons, of which the longest has a few thousand. */
const LINE_MAX = 1_048_576;

/**
 * A history's first rows are of both clocks, then come those of the one alone, then those of the other: the row before is the
 * last one that has the same clock. Streams are copied whole, so that it is among them.
 */
const looking = ({ lookedBack }: CopiedTable): readonly [columns: string, windows: string] => {
  if (lookedBack === undefined) return ['', ''];
  const { columns, among, along, clocks } = lookedBack;
  const before = columns.map(
    (name) =>
      `case when ${clocks.recorded} is null then lag(${name}) over occurred else lag(${name}) over recorded end`,
  );
  const rows = (clock: string): string => `(partition by ${among.join(', ')}, ${clock} is null order by ${along})`;
  return [
    `, ${before.join(', ')}`,
    `window recorded as ${rows(clocks.recorded)}, occurred as ${rows(clocks.occurred)}`,
  ];
};

/** The file is PostgreSQL's CSV: null is nothing at all, an empty text is two quotation marks. */
export const copyIn = (table: CopiedTable, path: string): string => {
  const columns = Object.entries(table.columns).map(([name, type]) => `'${name}': '${type}'`);
  const [more, windows] = looking(table);
  return `insert into ${baseOf(table)} select *${more} from read_csv('${path.replaceAll("'", "''")}', columns = {${columns.join(', ')}}, auto_detect = false,
    header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, max_line_size = ${LINE_MAX},
    buffer_size = ${4 * LINE_MAX}) ${windows}`;
};

export const forget = (table: CopiedTable, ids: readonly Uuid[]): string =>
  `delete from ${baseOf(table)} where ${table.stream === undefined ? ALL : `${table.stream.key} in (${listed(ids)})`}`;
