import type { Uuid } from '../../shared/base/ids.ts';
import { idArray, rootCondition, scopesIn, type Seen } from '../access/visibility.ts';
import type { Statements } from '../database/workspace-pool.ts';
import { EVENT_OP } from './event-op.ts';

/** A position at which something happened in the set: an event of it, or a root that moved from or to it. */
export interface Candidate {
  readonly position: number;
  readonly streamId: Uuid;
  readonly rootId: Uuid;
  /** The event, where it may be sent as it is; null where the present state decides. */
  readonly op: string | null;
}

// Every scope of the set has its own place in the index, so what others write in between is never read.
const inScopes = (seen: Seen): string => `
  select e.* from (${scopesIn(seen)}) v(scope_id), lateral (
    select * from event where workspace_id = $1 and scope_id = v.scope_id and position > $2 and position <= $3
     order by position limit $4) e`;

// A shared record's events stand in the index under the scopes that the record has had.
const ofRoots = (roots: readonly Uuid[]): string => `
  select e.* from (
    select stream_id as root_id, scope_id from stream where workspace_id = $1 and stream_id = any(${idArray(roots)})
    union select root_id, old_scope from scope_change where workspace_id = $1 and root_id = any(${idArray(roots)})) v,
  lateral (
    select * from event where workspace_id = $1 and scope_id = v.scope_id and root_id = v.root_id
       and position > $2 and position <= $3
     order by position limit $4) e`;

const moved = (seen: Seen): string => `
  select e.* from (
    select position from scope_change where workspace_id = $1 and position > $2 and position <= $3
       and (${rootCondition(seen, 'old_scope', 'root_id')} or ${rootCondition(seen, 'new_scope', 'root_id')})
     order by position limit $4) c,
  lateral (select * from event where workspace_id = $1 and position = c.position limit 1) e`;

const eventsIn = (seen: Seen): string => {
  const { everything, roots } = seen.rules;
  if (everything) return 'select * from event where workspace_id = $1 and position > $2 and position <= $3';
  return [inScopes(seen), ...(roots.length === 0 ? [] : [ofRoots(roots)]), moved(seen)].join(' union all ');
};

const MOVED_SINCE =
  'exists (select from scope_change c where c.workspace_id = $1 and c.root_id = e.root_id and c.position > $5)';

// The texts are made of the rows that are left after the limit, each row read once: 500 lookups by position more took as
// long as all the rest.
const candidatesIn = (seen: Seen, { kept, moves }: Window): string => `
select position, stream_id as "streamId", root_id as "rootId",
       case when not ${moves ? MOVED_SINCE : 'false'} and ${kept} then (${EVENT_OP}) end as op
  from (select * from (${eventsIn(seen)}) found order by position limit $4) e
 order by position`;

interface Window {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  /** Where the client stands. */
  readonly from: number;
  /** A condition on scope_id and root_id of `e`: what the client has had at `from`. */
  readonly kept: string;
  /** Whether it matters where records stood; not to whoever has everything. */
  readonly moves: boolean;
}

/** The first candidates of a stretch of the log, in order; one that was found in two ways comes twice. */
export const readCandidates = async (client: Statements, seen: Seen, window: Window): Promise<Candidate[]> => {
  const { after, upTo, limit, from, moves } = window;
  const values = [seen.workspaceId, after, upTo, limit, ...(moves ? [from] : [])];
  return (await client.query<Candidate>(candidatesIn(seen, window), values)).rows;
};
