import { projections } from '../../../projections/registry.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { copiedTables } from './copied-tables.ts';

/** Where a workspace's log and read models stand: while the mark stays the same, so do all rows that are copied. */
export interface Mark {
  /** Of the log. */
  readonly head: number;
  /** Every read model has all events up to here. */
  readonly reached: number;
  /** Streams whose rows stand still, and may change without an event. */
  readonly parked: readonly Uuid[];
  /** The tables themselves: a rebuild puts others in their place. */
  readonly tables: string;
  /** What stands in the tables that are copied whole: keys are made and expire, scopes are only ever added. */
  readonly whole: string;
  /** All of it, and the rest. */
  readonly text: string;
}

const READ = `select w.head,
    (select min(coalesce(c.position, 0)) from unnest($2::text[], $3::integer[]) p(name, version)
       left join projection_checkpoint c
         on c.workspace_id = w.workspace_id and c.projection = p.name and c.version = p.version) as reached,
    (select string_agg(c.position::text, ' ' order by c.projection, c.version) from projection_checkpoint c
      where c.workspace_id = w.workspace_id) as checkpoints,
    (select coalesce(json_agg(p.stream_id || ' ' || p.attempts order by p.stream_id, p.projection), '[]') from parked_stream p
      where p.workspace_id = w.workspace_id) as parked,
    (select string_agg(t.oid::text, ' ' order by t.relname) from pg_class t
      where t.relnamespace = 'read_model'::regnamespace and t.relname = any($4::text[])) as tables,
    (select count(*) from scope s where s.workspace_id = w.workspace_id) || ' ' || coalesce((select string_agg(k.user_id::text, ' '
       order by k.key_id) from api_key k where k.workspace_id = w.workspace_id), '') as whole
  from workspace w where w.workspace_id = $1`;

const NAMES = copiedTables.map(({ name }) => name.replace('read_model.', ''));

interface Row {
  readonly head: number;
  readonly reached: number;
  readonly parked: string;
  readonly tables: string;
  readonly whole: string;
}

/** One read of a third of a millisecond, which every question makes. */
export const readMark = async (statements: Statements, workspaceId: Uuid): Promise<Mark> => {
  const { rows } = await statements.query<Row>({
    name: 'columns_mark',
    text: READ,
    values: [workspaceId, projections.map(({ name }) => name), projections.map(({ version }) => version), NAMES],
  });
  const row = rows[0] ?? { head: 0, reached: 0, parked: '[]', tables: '', whole: '' };
  const parked = (JSON.parse(row.parked) as string[]).map((entry) => entry.slice(0, 36));
  return { ...row, parked, text: JSON.stringify(row) };
};
