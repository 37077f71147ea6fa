import { v7 as uuidv7 } from 'uuid';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Viewer } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { includes } from '../access/rules.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { readHead } from '../log/workspace-head.ts';
import { openCsv, type CsvFile, type Delimiter } from './csv-rows.ts';
import { findDealTarget, type DealTarget } from './deal-target.ts';
import { openDirectory } from './directory.ts';
import {
  finishJob,
  insertJob,
  readJob,
  readVerdicts,
  type ImportJob,
  type RowVerdict,
  type VerdictQuery,
} from './jobs.ts';
import { effectiveMapping, ignoredColumns, type Mapping } from './mapping.ts';
import { createRowReader } from './read-fields.ts';
import { createRehearsal } from './rehearsal.ts';
import type { ImportParts } from './import-parts.ts';
import { revertImport } from './revert.ts';
import { ImportFailure, runImport, type ImportRun } from './run-import.ts';
import type { ImportType } from './targets.ts';

export interface ImportRequest {
  readonly type: ImportType;
  readonly fileName: string;
  /** Hex, of all bytes. */
  readonly sha256: string;
  readonly dryRun: boolean;
  readonly delimiter?: Delimiter | undefined;
  readonly mapping?: Mapping | undefined;
  /** `column=field` pairs over the mapping. */
  readonly pairs: readonly (readonly [column: string, field: string])[];
  readonly onProgress?: ((verdicts: readonly RowVerdict[]) => void) | undefined;
}

export interface StartedImport {
  readonly id: Uuid;
  /** Settles when the import has ended, failed ones included; never rejects. */
  readonly ended: Promise<void>;
}

export interface Imports {
  /** Begins an import; the error is one sentence a mistake in the file's header or the mapping, and nothing was begun. */
  readonly start: (
    principal: Principal,
    request: ImportRequest,
    source: AsyncIterable<Uint8Array>,
  ) => Promise<Result<StartedImport, readonly string[]>>;
  readonly job: (principal: Principal, id: Uuid) => Promise<ImportJob | undefined>;
  /** The newest position of the workspace's log: behind all that an ended import wrote. */
  readonly position: (principal: Principal) => Promise<number>;
  readonly verdicts: (principal: Principal, id: Uuid, query: VerdictQuery) => Promise<readonly RowVerdict[]>;
  /** Stops what is running after the rows at hand, as failed; new imports are refused. */
  readonly close: () => Promise<void>;
  /** Undoes what an import made, except what people have changed since. The error is a sentence. */
  readonly revert: (
    principal: Principal,
    job: ImportJob,
  ) => Promise<Result<{ readonly reverted: number; readonly kept: number }, string>>;
}

/** At once in a process: each keeps the names of the workspace's records in memory. */
const RUNNING_MAX = 2;

export const createImports = (parts: ImportParts): Imports => {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let preparing = 0;

  const admit = (): void => {
    if (stopping.signal.aborted)
      throw new Problem('shutting_down', 'the server is shutting down: import the file later');
    if (running.size + preparing < RUNNING_MAX) return;
    throw new Problem('overloaded', 'other imports are running: try again when they have ended');
  };
  const launch = async (run: ImportRun): Promise<StartedImport> => {
    await insertJob(run.pool, run.principal, run.job);
    const ended = endOf(parts, run).finally(() => running.delete(ended));
    running.add(ended);
    return { id: run.job.id, ended };
  };
  return {
    start: async (principal, request, source) => {
      admit();
      preparing += 1;
      try {
        const run = await prepare(parts, principal, { request, source, stop: stopping.signal });
        return run.ok ? ok(await launch(run.value)) : run;
      } finally {
        preparing -= 1;
      }
    },
    job: (principal, id) => parts.access.read(principal, (viewer) => visibleJob(parts.pool, viewer, id)),
    position: async ({ workspaceId }) => (await readHead(parts.pool.for(workspaceId), workspaceId))?.head ?? 0,
    verdicts: (principal, id, query) => readVerdicts(parts.pool, principal.workspaceId, id, query),
    revert: (principal, job) => revertImport(parts, asServer(principal), job),
    close: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
};

/** An import is its author's. */
const visibleJob = async (
  pool: WorkspacePool,
  { workspaceId, rights }: Viewer,
  id: Uuid,
): Promise<ImportJob | undefined> => {
  const job = await readJob(pool, workspaceId, id);
  if (job === undefined) return undefined;
  return includes(rights.sees, { rootId: id, pair: { teamId: null, ownerId: job.createdBy } }) ? job : undefined;
};

const endOf = async (parts: ImportParts, run: ImportRun): Promise<void> => {
  try {
    await runImport(run);
  } catch (error) {
    const expected = error instanceof ImportFailure || error instanceof Problem;
    if (!expected) parts.onError?.(error);
    const message = expected
      ? error.message
      : 'The import was interrupted by a fault of the server. Import the same file again: what landed is recognised.';
    await finishJob(run.pool, run.principal.workspaceId, run.job.id, { status: 'failed', error: message }).catch(
      (fault: unknown) => parts.onError?.(fault),
    );
  }
};

/** Imported clocks name the server's device, whoever imports: the same row is the same event for everyone. */
const asServer = (principal: Principal): Principal => ({ ...principal, deviceId: SERVER_DEVICE });

interface Prepared {
  readonly request: ImportRequest;
  readonly source: AsyncIterable<Uint8Array>;
  readonly stop: AbortSignal;
}

const prepare = async (
  parts: ImportParts,
  principal: Principal,
  { request, source, stop }: Prepared,
): Promise<Result<ImportRun, readonly string[]>> => {
  const opened = await openCsv(source, request.delimiter ?? request.mapping?.delimiter ?? ',');
  if (!opened.ok) return err([opened.error]);
  const mapping = effectiveMapping(request.type, request, opened.value.header);
  const deals = mapping.ok
    ? await dealTarget(parts.pool, principal, { request, mapping: mapping.value })
    : ok(undefined);
  if (mapping.ok && deals.ok)
    return ok(
      await assemble(parts, principal, {
        request,
        file: opened.value,
        mapping: mapping.value,
        deals: deals.value,
        stop,
      }),
    );
  await opened.value.rows[Symbol.asyncIterator]().return?.();
  return mapping.ok ? err(deals.ok ? [] : [deals.error]) : mapping;
};

interface Ready {
  readonly request: ImportRequest;
  readonly file: CsvFile;
  readonly mapping: Mapping;
  readonly deals: DealTarget | undefined;
  readonly stop: AbortSignal;
}

const dealTarget = async (
  pool: WorkspacePool,
  principal: Principal,
  { request, mapping }: Pick<Ready, 'request' | 'mapping'>,
) => (request.type === 'deals' ? findDealTarget(pool, principal.workspaceId, mapping) : ok(undefined));

const assemble = async (
  parts: ImportParts,
  principal: Principal,
  { request, file, mapping, deals, stop }: Ready,
): Promise<ImportRun> => {
  const { type, fileName, sha256, dryRun, onProgress } = request;
  const directory = await parts.access.read(principal, (viewer) =>
    openDirectory(parts.pool, viewer, namedTypes(mapping)),
  );
  return {
    pool: parts.pool,
    push: dryRun ? createRehearsal(parts.pool, parts.contentKey, parts.access) : parts.push,
    principal: asServer(principal),
    job: { id: uuidv7(), type, fileName, sha256, dryRun, ignoredColumns: ignoredColumns(mapping, file.header) },
    file,
    stop,
    onProgress,
    rows: {
      pool: parts.pool,
      workspaceId: principal.workspaceId,
      type,
      source: mapping.source ?? '',
      reader: createRowReader(type, mapping, file.header),
      directory,
      deals,
      currency: mapping.currency ?? (await baseCurrency(parts.pool, principal.workspaceId)),
      startedMs: Date.now(),
      seen: new Set(),
    },
  };
};

const NAMED: Readonly<Record<string, readonly StreamType[]>> = {
  ownerName: ['user'],
  teamPath: ['team'],
  companyName: ['company'],
  parentName: ['company'],
  aboutName: ['lead', 'contact', 'company', 'deal'],
};

/** The types of the records whose names the rows may mention; an import of companies mentions its own. */
const namedTypes = ({ fields }: Mapping): StreamType[] => [
  ...new Set(['company' as const, ...Object.keys(fields).flatMap((field) => NAMED[field] ?? [])]),
];

const baseCurrency = async (pool: WorkspacePool, workspaceId: Uuid): Promise<string> => {
  const { rows } = await pool
    .for(workspaceId)
    .query<{ currency: string | null }>(
      `select state->>'baseCurrency' as currency from stream where workspace_id = $1 and stream_type = 'workspace'`,
      [workspaceId],
    );
  return rows[0]?.currency ?? 'USD';
};
