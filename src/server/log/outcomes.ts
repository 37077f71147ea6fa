import type { HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { CriticalRegister } from '../../shared/contract/conflicts.ts';
import type { FirstResult, GroupConflict, RejectedResult } from '../../shared/contract/sync.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

export interface Outcome {
  readonly first: FirstResult;
  /** `\x…`: keyed hash of the content that got this result. */
  readonly contentHash: string;
}

interface Row {
  readonly id: Uuid;
  readonly hash: string;
  readonly position: number | null;
  readonly version: number;
  readonly clock: HybridClock;
  readonly superseded: readonly string[] | null;
  readonly result: string | null;
  /** Of a ConflictRaised, which has the id of the event that it took the place of. */
  readonly conflictId: Uuid | null;
  readonly register: CriticalRegister | null;
}

// A lookup an id, as in read-streams.ts.
const FIRST_RESULTS = `
select r.* from unnest($2::uuid[]) as i(id), lateral (
  (select event_id as id, '\\x' || encode(content_hash, 'hex') as hash, position, version, coalesce(clock, at) as clock, superseded, null as result,
      case type when 'ConflictRaised' then data->>'conflictId' end as "conflictId",
      case type when 'ConflictRaised' then data->>'register' end as register
     from event where workspace_id = $1 and event_id = i.id limit 1)
  union all
  (select event_id, '\\x' || encode(content_hash, 'hex'), null, null, null, null, result, null, null
     from outcome where workspace_id = $1 and event_id = i.id limit 1)) r`;

const firstResult = (row: Row): FirstResult => {
  if (row.result !== null) return JSON.parse(row.result) as RejectedResult | GroupConflict;
  const { id, version, conflictId, register } = row;
  const position = row.position ?? 0;
  if (conflictId !== null && register !== null)
    return { id, status: 'conflict', position, version, conflictId, register };
  const taken = { position, version, clock: row.clock };
  return row.superseded === null
    ? { id, status: 'accepted', ...taken }
    : { id, status: 'merged', ...taken, superseded: row.superseded };
};

/** The first result of every id among `ids` that the log or the remembered refusals know. */
export const readOutcomes = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  ids: readonly Uuid[],
): Promise<Map<Uuid, Outcome>> => {
  const { rows } = await pool.for(workspaceId).query<Row>({ text: FIRST_RESULTS, values: [workspaceId, ids] });
  return new Map(rows.map((row) => [row.id, { first: firstResult(row), contentHash: row.hash }]));
};
