import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../../shared/base/assert.ts';
import { formatClock } from '../../shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import { definitionOf, isEventType } from '../../shared/contract/events/registry.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { PushResult } from '../../shared/contract/sync.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Push } from '../sync/push.ts';
import type { CsvFile, CsvRow } from './csv-rows.ts';
import { derivedId } from '../access/derived-id.ts';
import { finishJob, markInLog, recordVerdicts, type ImportCounts, type NewJob, type RowVerdict } from './jobs.ts';
import { allKnown, creationTimes } from './known-events.ts';
import { helperEvent, proposeRows, type ProposedRow, type RowParts } from './propose-rows.ts';
import { refusalOf, rowVerdict, type RowResults } from './row-verdicts.ts';

/** Rows read before they are sent, about 200 events. */
const CHUNK_ROWS = 50;
/** Characters of a chunk's cells, so that long rows do not add up. */
const CHUNK_CHARACTERS = 1024 * 1024;
/** Events a push: an import's share of the log's group, so that nobody waits behind it for long. */
const PUSH_EVENTS = 200;
export const IMPORT_ROWS_MAX = 1_000_000;

export interface ImportRun {
  readonly pool: WorkspacePool;
  /** Of a dry run: a rehearsal. */
  readonly push: Push;
  /** As the server on the user's behalf: its device is SERVER_DEVICE. */
  readonly principal: Principal;
  readonly job: NewJob;
  readonly rows: RowParts;
  readonly file: CsvFile;
  /** Aborted: the import ends as failed after the chunk at hand. */
  readonly stop: AbortSignal;
  /** After every chunk. */
  readonly onProgress?: ((verdicts: readonly RowVerdict[]) => void) | undefined;
}

/** Imports every row and records its verdict. @throws where the database is gone or the workspace refuses the import as such */
export const runImport = async (run: ImportRun): Promise<ImportCounts> => {
  const log = createImportLog(run);
  await createPipeline(run, log);
  const counts = { rows: 0, created: 0, updated: 0, unchanged: 0, refused: 0 };
  for await (const chunk of chunks(run.file.rows)) {
    if (run.stop.aborted)
      throw new ImportFailure('The import was stopped. Import the same file again: what landed is recognised.');
    if (counts.rows + chunk.length > IMPORT_ROWS_MAX)
      throw new ImportFailure(`A file may have at most ${IMPORT_ROWS_MAX} rows: split it.`);
    const verdicts = await importChunk(run, log, chunk);
    await recordVerdicts(run.pool, run.principal.workspaceId, run.job.id, verdicts);
    for (const { verdict } of verdicts) counts[verdict] += 1;
    counts.rows += chunk.length;
    run.onProgress?.(verdicts);
  }
  await log.complete(counts);
  await finishJob(run.pool, run.principal.workspaceId, run.job.id, { status: 'completed' });
  return counts;
};

/** Ends an import as a whole, with a sentence for the person who started it. */
export class ImportFailure extends Error {}

async function* chunks(rows: AsyncIterable<CsvRow>): AsyncGenerator<CsvRow[]> {
  let chunk: CsvRow[] = [];
  let characters = 0;
  for await (const row of rows) {
    chunk.push(row);
    if (row.cells.ok) for (const cell of row.cells.value) characters += cell.length;
    if (chunk.length < CHUNK_ROWS && characters < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = [];
    characters = 0;
  }
  if (chunk.length > 0) yield chunk;
}

const importChunk = async (run: ImportRun, log: ImportLog, chunk: readonly CsvRow[]): Promise<RowVerdict[]> => {
  const rows = await proposeRows(run.rows, chunk);
  const results: RowResults = new Map();
  for (const events of pushes(rows)) {
    await log.started(events);
    const pushed = await send(run, events);
    for (const [index, event] of events.entries()) results.set(event, must(pushed[index], 'a result for every event'));
  }
  await forgetRefused(run, results);
  return rows.map((row) => rowVerdict(row, results, run.rows.reader));
};

/** What was not made is made by the next row that names it, unless an import beside this one has made it meanwhile. */
const forgetRefused = async ({ pool, principal, rows }: ImportRun, results: RowResults): Promise<void> => {
  const refused: Uuid[] = [];
  for (const [{ type, stream }, result] of results) {
    if (isEventType(type) && definitionOf(type).creates === true && refusalOf(result) !== undefined)
      refused.push(stream.id);
  }
  const existing = await creationTimes(pool, principal.workspaceId, refused);
  for (const id of refused) if (!existing.has(id)) rows.directory.forget(id);
};

/** The events of all rows, cut between rows. */
const pushes = (rows: readonly ProposedRow[]): ProposedEvent[][] => {
  const cut: ProposedEvent[][] = [[]];
  for (const { proposal } of rows) {
    if (!proposal.ok) continue;
    const events = [...proposal.value.helpers, ...proposal.value.events];
    if ((cut.at(-1)?.length ?? 0) + events.length > PUSH_EVENTS) cut.push([]);
    cut.at(-1)?.push(...events);
  }
  return cut.filter((events) => events.length > 0);
};

/** How long an import steps back for a busy server, in all, before it gives up. */
const BUSY_MS_MAX = 60_000;

const send = async (
  { push, principal }: ImportRun,
  events: readonly ProposedEvent[],
): Promise<readonly PushResult[]> => {
  for (let waited = 0, pause = 100; ; waited += pause, pause = Math.min(pause * 2, 5000)) {
    try {
      return (await push.events(principal, events, { bulk: true, onPresent: true })).results;
    } catch (error) {
      if (!(error instanceof Problem) || error.body.status !== 503 || waited > BUSY_MS_MAX) throw error;
      await delay(pause);
    }
  }
};

/** The import itself as a stream of the log: nothing of it is there unless something was imported. */
interface ImportLog {
  /** To be called with the events of every push, before it. */
  readonly started: (events: readonly ProposedEvent[]) => Promise<void>;
  readonly complete: (counts: ImportCounts) => Promise<void>;
}

const createImportLog = (run: ImportRun): ImportLog => {
  const { pool, principal, job, rows } = run;
  let begun = job.dryRun;
  const note = (type: 'ImportStarted' | 'ImportCompleted', basedOn: number, data: JsonObject): ProposedEvent => ({
    id: derivedId(job.id, type),
    type,
    schemaVersion: 1,
    stream: { type: 'import', id: job.id },
    basedOn,
    at: formatClock({ time: basedOn === 0 ? rows.startedMs : Date.now(), counter: 0, device: SERVER_DEVICE }),
    data,
  });
  const write = async (event: ProposedEvent) => {
    const [result] = await send(run, [event]);
    if (result?.status === 'rejected') throw new ImportFailure(result.message);
  };
  return {
    started: async (events) => {
      if (
        begun ||
        (await allKnown(
          pool,
          principal.workspaceId,
          events.map(({ id }) => id),
        ))
      )
        return;
      begun = true;
      await write(note('ImportStarted', 0, { type: job.type, fileName: job.fileName, sha256: job.sha256 }));
      await markInLog(pool, principal.workspaceId, job.id);
    },
    complete: async (counts) => {
      if (begun && !job.dryRun) await write(note('ImportCompleted', 1, { counts: { ...counts } }));
    },
  };
};

const createPipeline = async (run: ImportRun, log: ImportLog): Promise<void> => {
  const { deals, startedMs } = run.rows;
  if (deals?.create === undefined) return;
  const event = helperEvent(
    { stream: { type: 'pipeline', id: deals.pipelineId }, type: 'PipelineCreated', data: deals.create },
    startedMs,
  );
  await log.started([event]);
  const [result] = await send(run, [event]);
  const refusal = result === undefined ? undefined : refusalOf(result);
  if (refusal === undefined || (await pipelineExists(run, deals.pipelineId))) return;
  throw new ImportFailure(`The pipeline of the mapping cannot be made: ${refusal.message}.`);
};

/** Under another name by now, or made by an import that runs beside this one. */
const pipelineExists = async ({ pool, principal }: ImportRun, id: Uuid): Promise<boolean> =>
  (await creationTimes(pool, principal.workspaceId, [id])).size > 0;
