import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Uuid } from '../../shared/base/ids.ts';
import { isoTime } from '../database/column-values.ts';
import { lazyEvent, type LazyEvent } from './fold-events.ts';
import type { LogRow } from './read-events.ts';

/** All events of one stream, in order. */
export interface ScannedStream {
  readonly workspaceId: Uuid;
  readonly streamType: string;
  readonly events: readonly LazyEvent[];
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A field of PostgreSQL's COPY text format; the format itself never holds a bare tab or line feed. */
const unescaped = (field: string): string =>
  field.includes('\\') ? field.replaceAll(/\\(.)/g, (_, code: string) => ESCAPES[code] ?? code) : field;

const NULL = '\\N';

const rowOf = (fields: readonly string[]): LogRow => {
  const [, streamId, position, version, streamType, type, schemaVersion, actorId, clock, recordedAt, superseded, data] =
    fields as [string, string, string, string, string, string, string, string, string, string, string, string];
  return {
    position: Number(position),
    stream_id: streamId,
    version: Number(version),
    stream_type: streamType,
    type,
    schema_version: Number(schemaVersion),
    actor_id: actorId,
    clock,
    recorded_at: isoTime(recordedAt),
    superseded: superseded === NULL ? null : (JSON.parse(unescaped(superseded)) as string[]),
    data: unescaped(data),
  };
};

// COPY takes no parameters; the types come from our own registry.
const scanQuery = (types: readonly string[]): string => `copy (
  select workspace_id, stream_id, position, version, stream_type, type, schema_version, actor_id, coalesce(clock, at),
         recorded_at, array_to_json(superseded), data
    from event where type in (${types.map((type) => `'${type}'`).join(', ')})
    order by workspace_id, stream_id, version) to stdout`;

async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(10);
    if (end < 0) {
      rest = Buffer.concat([rest, chunk]);
      continue;
    }
    const whole = Buffer.concat([rest, chunk.subarray(0, end)]).toString();
    rest = chunk.subarray(end + 1);
    yield whole.split('\n');
  }
}

/**
 * Every event of the given types, stream by stream, over all workspaces, in the client's snapshot. The planner follows the
 * index or sorts, by how scattered the streams are and what fits into memory.
 */
export async function* scanStreams(client: PoolClient, types: readonly string[]): AsyncGenerator<ScannedStream[]> {
  await client.query(`set local work_mem = '64MB'; set local jit = off`);
  let workspaceId = '';
  let streamId = '';
  let streamType = '';
  let events: LazyEvent[] = [];
  for await (const texts of lines(client.query(copyTo(scanQuery(types))))) {
    const done: ScannedStream[] = [];
    for (const text of texts) {
      const fields = text.split('\t');
      if (fields[1] !== streamId || fields[0] !== workspaceId) {
        if (events.length > 0) done.push({ workspaceId, streamType, events });
        [workspaceId, streamId, , , streamType] = fields as [string, string, string, string, string];
        events = [];
      }
      events.push(lazyEvent(rowOf(fields)));
    }
    yield done;
  }
  if (events.length > 0) yield [{ workspaceId, streamType, events }];
}
