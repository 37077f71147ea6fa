import type { Statements } from '../database/workspace-pool.ts';
import type { Uuid } from '../../shared/base/ids.ts';

/** The team and owner that a record had at a past version. */
export interface PastPair {
  readonly teamId: Uuid | null;
  readonly ownerId: Uuid | null;
  /** ISO time at which the record moved on to another pair; null: it never did. */
  readonly leftAt: string | null;
}

interface Version {
  readonly id: Uuid;
  readonly version: number;
}

export const pastKey = ({ id, version }: Version): string => `${id}/${version}`;

const PAIRS = `
select e.stream_id as id, e.version, s.team_id as "teamId", s.owner_id as "ownerId", (
         select n.recorded_at from scope_change c
           join event n on n.workspace_id = c.workspace_id and n.position = c.position
          where c.workspace_id = $1 and c.root_id = e.stream_id and c.position > e.position
          order by c.position limit 1) as "leftAt"
  from unnest($2::uuid[], $3::integer[]) i(id, version), lateral (
    select stream_id, version, position, scope_id from event
     where workspace_id = $1 and stream_id = i.id and version = i.version limit 1) e
  join scope s on s.workspace_id = $1 and s.scope_id = e.scope_id`;

/** By `pastKey`; what does not exist is missing. An event keeps the scope that its root had then. */
export const readPastPairs = async (
  statements: Statements,
  workspaceId: Uuid,
  versions: readonly Version[],
): Promise<Map<string, PastPair>> => {
  const values = [workspaceId, versions.map(({ id }) => id), versions.map(({ version }) => version)];
  const { rows } = await statements.query<PastPair & Version>(PAIRS, values);
  return new Map(rows.map(({ id, version, ...pair }) => [pastKey({ id, version }), pair]));
};
