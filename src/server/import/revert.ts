import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { ProposedEvent, StreamRef } from '../../shared/contract/envelope.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Principal } from '../access/principal.ts';
import { derivedId } from '../access/derived-id.ts';
import type { ImportParts } from './import-parts.ts';
import { finishJob, readVerdicts, type ImportJob } from './jobs.ts';

const DELETION: Partial<Readonly<Record<StreamType, EventType>>> = {
  lead: 'LeadDeleted',
  contact: 'ContactDeleted',
  company: 'CompanyDeleted',
  deal: 'DealDeleted',
  activity: 'ActivityVoided',
};
const CHUNK = 200;

/**
 * Deletes what the rows of an import made, by events like any others. A record that anybody has written in since is kept:
 * it is somebody's work by now. May be repeated after an interruption.
 */
export const revertImport = async (
  parts: ImportParts,
  principal: Principal,
  job: ImportJob,
): Promise<Result<{ reverted: number; kept: number }, string>> => {
  if (job.dryRun) return err('A dry run changed nothing that could be undone.');
  if (job.status === 'running') return err('The import is still running: wait until it has ended.');
  if (job.status === 'reverted') return err('The import was reverted already.');
  let reverted = 0;
  let created = 0;
  for (let after = 0; ;) {
    const page = await readVerdicts(parts.pool, principal.workspaceId, job.id, {
      after,
      limit: CHUNK,
      verdict: 'created',
    });
    if (page.length === 0) break;
    created += page.length;
    after = page.at(-1)?.row ?? after;
    reverted += await deleteUntouched(parts, principal, { job, streams: page.flatMap(({ stream }) => stream ?? []) });
  }
  await noteReverted(parts, principal, job);
  await finishJob(parts.pool, principal.workspaceId, job.id, { status: 'reverted' });
  return ok({ reverted, kept: created - reverted });
};

interface Deletion {
  readonly job: ImportJob;
  readonly streams: readonly StreamRef[];
}

/** The number of records that are gone afterwards. */
const deleteUntouched = async (
  parts: ImportParts,
  principal: Principal,
  { job, streams }: Deletion,
): Promise<number> => {
  const versions = await untouched(parts, principal.workspaceId, streams);
  const time = Date.now();
  const events = streams.flatMap(({ type, id }): ProposedEvent[] => {
    const version = versions.get(id);
    const deletion = DELETION[type];
    if (version === undefined || deletion === undefined) return [];
    const at = formatClock({ time, counter: 0, device: SERVER_DEVICE });
    const data = { reason: `The import of ${job.fileName} was undone.`.slice(0, 1000) };
    return [{ id: uuidv7(), type: deletion, schemaVersion: 1, stream: { type, id }, basedOn: version, at, data }];
  });
  if (events.length === 0) return 0;
  const { results } = await parts.push.events(principal, events, { bulk: true, onPresent: true });
  return results.filter(({ status }) => status === 'accepted' || status === 'merged').length;
};

/** Version by stream, of those that hold no event but imported ones and are not deleted. */
const untouched = async (
  parts: ImportParts,
  workspaceId: Uuid,
  streams: readonly StreamRef[],
): Promise<Map<Uuid, number>> => {
  const { rows } = await parts.pool.for(workspaceId).query<{ stream_id: Uuid; version: number }>(
    `select stream_id, version from stream
      where workspace_id = $1 and stream_id = any($2) and state->>'deletedAt' is null
        and not exists (select from event where event.workspace_id = stream.workspace_id and event.stream_id = stream.stream_id
                           and event.device_id <> $3)`,
    [workspaceId, streams.map(({ id }) => id), SERVER_DEVICE],
  );
  return new Map(rows.map(({ stream_id, version }) => [stream_id, version]));
};

/** An import that found everything known left no stream to note it in. */
const noteReverted = async (parts: ImportParts, principal: Principal, job: ImportJob): Promise<void> => {
  const event: ProposedEvent = {
    id: derivedId(job.id, 'ImportReverted'),
    type: 'ImportReverted',
    schemaVersion: 1,
    stream: { type: 'import', id: job.id },
    basedOn: 1,
    at: formatClock({ time: Date.now(), counter: 0, device: SERVER_DEVICE }),
    data: {},
  };
  await parts.push.events(principal, [event], { bulk: true, onPresent: true });
};
