import type { Uuid } from '../../shared/base/ids.ts';
import type { RejectionCode } from '../../shared/contract/rejections.ts';
import type { StreamRef } from '../../shared/contract/envelope.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { ImportType } from './targets.ts';

export const VERDICTS = ['created', 'updated', 'unchanged', 'refused'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What became of a row. */
export interface RowVerdict {
  /** 1 is the first row below the header. */
  readonly row: number;
  /** Of the file, from 1: where the row ends. */
  readonly line: number;
  readonly verdict: Verdict;
  readonly code?: RejectionCode;
  readonly message?: string;
  readonly column?: string;
  /** The record, where the row has one. */
  readonly stream?: StreamRef;
}

export interface ImportCounts {
  readonly rows: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
}

export interface ImportJob {
  readonly id: Uuid;
  readonly type: ImportType;
  readonly fileName: string;
  readonly sha256: string;
  readonly dryRun: boolean;
  readonly status: 'running' | 'completed' | 'failed' | 'reverted';
  /** Why it failed. */
  readonly error: string | null;
  readonly counts: ImportCounts;
  /** The columns of the file that nothing was mapped to. */
  readonly ignoredColumns: readonly string[];
  readonly createdBy: Uuid;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** A job that nobody touched for so long was interrupted. Its file may be sent again: rows that landed are recognised. */
const INTERRUPTED_AFTER = '60 seconds';
const INTERRUPTED = 'The server was stopped meanwhile. Import the same file again: what landed is recognised.';

const JOB = `
select import_id as id, type, file_name as "fileName", sha256, dry_run as "dryRun",
       case when interrupted then 'failed' else status end as status,
       case when interrupted then '${INTERRUPTED}' else error end as error,
       row_count as rows, created_count as created, updated_count as updated, unchanged_count as unchanged,
       refused_count as refused, ignored_columns as "ignoredColumns", created_by as "createdBy", started_at as "startedAt", finished_at as "finishedAt"
  from (select *, status = 'running' and touched_at < now() - interval '${INTERRUPTED_AFTER}' as interrupted from import_job) as job
 where workspace_id = $1 and import_id = $2`;

type JobRow = Omit<ImportJob, 'counts'> & ImportCounts;

export const readJob = async (pool: WorkspacePool, workspaceId: Uuid, id: Uuid): Promise<ImportJob | undefined> => {
  const { rows } = await pool.for(workspaceId).query<JobRow>(JOB, [workspaceId, id]);
  if (rows[0] === undefined) return undefined;
  const { rows: count, created, updated, unchanged, refused, ...job } = rows[0];
  return { ...job, counts: { rows: count, created, updated, unchanged, refused } };
};

export interface NewJob {
  readonly id: Uuid;
  readonly type: ImportType;
  readonly fileName: string;
  readonly sha256: string;
  readonly dryRun: boolean;
  readonly ignoredColumns: readonly string[];
}

export const insertJob = async (
  pool: WorkspacePool,
  { workspaceId, userId }: Principal,
  job: NewJob,
): Promise<void> => {
  await pool.for(workspaceId).query(
    `insert into import_job (workspace_id, import_id, type, file_name, sha256, dry_run, status, created_by, ignored_columns)
     values ($1, $2, $3, $4, $5, $6, 'running', $7, $8)`,
    [
      workspaceId,
      job.id,
      job.type,
      job.fileName,
      job.sha256,
      job.dryRun,
      userId,
      job.ignoredColumns.map((column) => storable(column)),
    ],
  );
};

// Verdicts and counts in one statement: the counts are always those of the rows.
const RECORD = `
with verdict as (
  insert into import_verdict (workspace_id, import_id, row_number, line, verdict, code, message, column_name, stream_type, stream_id)
  select $1, $2, r, l, v, c, m, n, t, s
    from json_to_recordset($3::json) as x(r bigint, l bigint, v text, c text, m text, n text, t text, s uuid)
  returning verdict
), total as (
  select count(*) as rows, count(*) filter (where verdict = 'created') as created, count(*) filter (where verdict = 'updated') as updated,
         count(*) filter (where verdict = 'unchanged') as unchanged, count(*) filter (where verdict = 'refused') as refused
    from verdict
)
update import_job
   set row_count = row_count + total.rows, created_count = created_count + total.created, updated_count = updated_count + total.updated,
       unchanged_count = unchanged_count + total.unchanged, refused_count = refused_count + total.refused, touched_at = now()
  from total
 where workspace_id = $1 and import_id = $2`;

export const recordVerdicts = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  id: Uuid,
  verdicts: readonly RowVerdict[],
): Promise<void> => {
  const rows = verdicts.map(({ row, line, verdict, code, message, column, stream }) => ({
    r: row,
    l: line,
    v: verdict,
    c: code,
    m: message,
    n: column === undefined ? undefined : storable(column),
    t: stream?.type,
    s: stream?.id,
  }));
  await pool
    .for(workspaceId)
    .query({ name: 'record_verdicts', text: RECORD, values: [workspaceId, id, JSON.stringify(rows)] });
};

/** A column may be named by any bytes that are UTF-8, but PostgreSQL keeps no NUL. */
const storable = (text: string): string => text.replaceAll('\0', '\u{FFFD}');

export const markInLog = async (pool: WorkspacePool, workspaceId: Uuid, id: Uuid): Promise<void> => {
  await pool
    .for(workspaceId)
    .query('update import_job set in_log = true where workspace_id = $1 and import_id = $2', [workspaceId, id]);
};

export type JobEnd =
  | { readonly status: 'completed' | 'reverted' }
  | { readonly status: 'failed'; readonly error: string };

export const finishJob = async (pool: WorkspacePool, workspaceId: Uuid, id: Uuid, end: JobEnd): Promise<void> => {
  await pool.for(workspaceId).query(
    `update import_job set status = $3, error = $4, touched_at = now(), finished_at = coalesce(finished_at, now())
      where workspace_id = $1 and import_id = $2`,
    [workspaceId, id, end.status, end.status === 'failed' ? end.error : null],
  );
};

export interface VerdictQuery {
  /** The row after which to go on; 0 begins. */
  readonly after: number;
  readonly limit: number;
  readonly verdict?: Verdict | undefined;
}

/** The verdicts of an import in the order of its rows. */
export const readVerdicts = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  id: Uuid,
  query: VerdictQuery,
): Promise<RowVerdict[]> => {
  const { rows } = await pool.for(workspaceId).query<{ verdict: string }>(
    `select json_strip_nulls(json_build_object(
              'row', row_number, 'line', line, 'verdict', verdict, 'code', code, 'message', message, 'column', column_name,
              'stream', case when stream_id is null then null else json_build_object('type', stream_type, 'id', stream_id) end)) as verdict
       from import_verdict
      where workspace_id = $1 and import_id = $2 and row_number > $3 and ($4::text is null or verdict = $4)
      order by row_number limit $5`,
    [workspaceId, id, query.after, query.verdict ?? null, query.limit],
  );
  return rows.map((row) => JSON.parse(row.verdict) as RowVerdict);
};
