import { sql } from 'kysely';
import * as z from 'zod';
import type { Uuid } from '../../shared/base/ids.ts';
import { CRITICAL_REGISTERS } from '../../shared/contract/conflicts.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { OWNED_TYPES } from '../../shared/contract/streams.ts';
import type { StreamRef } from '../../shared/contract/envelope.ts';
import type { Viewer } from '../access/access.ts';
import { pageToken, readPageToken } from './page-token.ts';
import { LIMIT_DEFAULT, LIMIT_MAX, parameter, wholeNumber } from './parameters.ts';
import { allOf, rowsOf, type Fragment, type Runner } from './sql.ts';
import { withVisible } from './visible.ts';

export const conflictParameters = z.strictObject({
  limit: wholeNumber(1, LIMIT_MAX, LIMIT_DEFAULT),
  after: z.string().min(1).max(4000).optional(),
  type: z.enum(OWNED_TYPES).describe('of the record').optional(),
  streamId: parameter('id').optional(),
  register: z.enum(CRITICAL_REGISTERS).optional(),
  status: z.literal('open').describe('what is settled is in the history of its record').default('open'),
});
export type ConflictRequest = z.output<typeof conflictParameters>;

export interface ConflictPage {
  /** JSON texts. */
  readonly items: readonly string[];
  readonly next: string | null;
}

/** How a page is ordered: by the id of the conflict, whose beginning is the time of the first proposal. */
const ORDER = 'conflictId';

// The pattern is that of the index stream_conflicts, which only a statement that repeats it can use.
const HAS_CONFLICTS = sql`s.state::text like '%"conflicts":[{%'`;

const conditions = ({ type, streamId, register, after }: ConflictRequest): Fragment => {
  const wanted: Fragment[] = [HAS_CONFLICTS, sql`s.state->>'deletedAt' is null`];
  if (type !== undefined) wanted.push(sql`s.stream_type = ${type}`);
  if (streamId !== undefined) wanted.push(sql`s.stream_id = ${streamId}::uuid`);
  if (register !== undefined) wanted.push(sql`c->>'register' = ${register}`);
  if (after !== undefined) wanted.push(sql`(c->>'conflictId')::uuid > ${readPageToken(after, ORDER).id}::uuid`);
  return allOf(wanted);
};

/** The open conflicts of the records that the viewer sees, the oldest first. */
export const openConflicts = async (
  runner: Runner,
  viewer: Viewer,
  request: ConflictRequest,
): Promise<ConflictPage> => {
  // A proposal repeats whatever else its event would have changed.
  if (!viewer.rights.personal) throw new Problem('forbidden', 'Conflicts are for those who work on the records.');
  const rows = await rowsOf<{ id: Uuid; item: string }>(
    runner,
    sql`select c->>'conflictId' as id,
               (jsonb_build_object('id', c->'conflictId', 'stream', jsonb_build_object('type', s.stream_type, 'id', s.stream_id),
                 'version', s.version, 'raisedAt', to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                 || c::jsonb)::text as item
        from stream s
        cross join lateral json_array_elements(s.state->'conflicts') c
        join event e on e.workspace_id = s.workspace_id and e.event_id = (c->'event'->>'id')::uuid
        where ${withVisible(viewer, 's')} and ${conditions(request)}
        order by (c->>'conflictId')::uuid limit ${request.limit + 1}`,
  );
  const page = rows.slice(0, request.limit);
  const last = page.at(-1);
  const next =
    rows.length > page.length && last !== undefined ? pageToken({ sort: ORDER, value: null, id: last.id }) : null;
  return { items: page.map(({ item }) => item), next };
};

/** The stream that a conflict was raised in, open or not; undefined where there never was such a conflict. */
export const streamOfConflict = async (
  runner: Runner,
  workspaceId: Uuid,
  conflictId: Uuid,
): Promise<StreamRef | undefined> => {
  const [row] = await rowsOf<StreamRef>(
    runner,
    sql`select stream_type as type, stream_id as id from event
        where workspace_id = ${workspaceId}::uuid and event_id = ${conflictId}::uuid and type = 'ConflictRaised'`,
  );
  return row;
};
