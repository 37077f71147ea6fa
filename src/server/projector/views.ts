import type { ClientBase } from 'pg';
import type { CrmView } from '../../../projections/crm-view.ts';
import type { Column, Projection, Table } from '../../../projections/projection.ts';
import { crmViews } from '../../../projections/registry.ts';
import { columnsOf, CRM, type Suffix, tableName, viewName } from './tables.ts';

/** Where views are made, and of which tables. */
export interface ViewPlace {
  readonly schema: string;
  readonly suffix: Suffix;
  /** The present there, as SQL. */
  readonly moment: string;
}

export const IN_CRM: ViewPlace = { schema: CRM, suffix: '', moment: 'now()' };

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The columns that analysts see. */
export const shownColumns = (table: Pick<Table, 'columns'>): readonly (readonly [name: string, column: Column])[] =>
  columnsOf(table).filter(([, { internal }]) => internal !== true);

/** With the rights of who asks, or its owner, the projector, would show everybody's rows. */
const view = (name: string, { comment, columns }: Pick<Table, 'comment' | 'columns'>, select: string): string[] => [
  `create view ${name} with (security_invoker = true) as ${select}`,
  `comment on view ${name} is ${literal(comment)}`,
  ...shownColumns({ columns }).map(
    ([column, told]) => `comment on column ${name}.${column} is ${literal(told.comment)}`,
  ),
  `grant select on ${name} to leadzen_app, leadzen_analyst`,
];

/** What analysts see: the rows that are shown, without internal columns, each column with its comment. */
const createView = (projection: Projection, table: Table, { schema, suffix }: ViewPlace): string[] => {
  const names = shownColumns(table).map(([name, { personal }]) =>
    personal === true ? `case when (select public.shows_personal_data()) then ${name} end as ${name}` : name,
  );
  const where = table.shown === undefined ? '' : ` where ${table.shown}`;
  const select = `select ${names.join(', ')} from ${tableName(projection, table, suffix)}${where}`;
  return view(viewName(table, schema), table, select);
};

/** Under another name only to see what PostgreSQL makes of it. */
export const createCrmView = (joined: CrmView, { schema, moment }: ViewPlace, name = joined.name): string[] =>
  view(`${schema}.${name}`, joined, joined.select(schema, moment));

const JOINING = `select distinct c.relname as name
  from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class c on c.oid = r.ev_class
 where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid
   and d.refobjid = any(select to_regclass(name) from unnest($1::text[]) name)
   and c.relnamespace = '${CRM}'::regnamespace`;

/** Those views of `crm` that join the named ones, of whichever release they are. */
export const joiningViews = async (client: ClientBase, names: readonly string[]): Promise<readonly string[]> =>
  (await client.query<{ name: string }>(JOINING, [names])).rows.map(({ name }) => viewName({ name }));

const THERE = `select relname as name from pg_class where relnamespace = to_regnamespace($1) and relkind = 'v'`;

/** Makes those of the joining views that are missing and whose tables are all there. */
export const createCrmViews = async (client: ClientBase, place: ViewPlace): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(THERE, [place.schema]);
  const there = new Set(rows.map(({ name }) => name));
  for (const joined of crmViews) {
    const isReady = !there.has(joined.name) && joined.reads.every((name) => there.has(name));
    if (isReady) await client.query(createCrmView(joined, place).join(';'));
  }
};

/** Makes the views of these tables, then what joins them. */
export const createViews = async (
  client: ClientBase,
  projections: readonly Projection[],
  place: ViewPlace,
): Promise<void> => {
  for (const projection of projections) {
    for (const table of projection.tables) await client.query(createView(projection, table, place).join(';'));
  }
  await createCrmViews(client, place);
};

/** Points the views at the projections' tables; they vanish and come back within the caller's transaction. */
export const replaceViews = async (client: ClientBase, projections: readonly Projection[]): Promise<void> => {
  const names = projections.flatMap(({ tables }) => tables.map((table) => viewName(table)));
  const gone = [...(await joiningViews(client, names)), ...names];
  await client.query(`drop view if exists ${gone.join(', ')}`);
  await createViews(client, projections, IN_CRM);
};
