import type { Uuid } from '../../shared/base/ids.ts';
import type { Rules } from '../access/rules.ts';
import { SHARED_SCOPE } from '../access/scope-id.ts';
import type { Statements } from '../database/workspace-pool.ts';
import {
  emptyPage,
  eventAt,
  type EventsPage,
  fill,
  pageOf,
  type PageRow,
  ROWS_MAX,
  type Since,
  textsOf,
  TOGETHER,
} from './event-texts.ts';

// The same set as scopesIn in access/visibility.ts, by parameters: the text is the same for everybody.
const SCOPES = `
select scope_id from scope where workspace_id = $1
   and (team_id = any($5::uuid[]) or owner_id = any($6::uuid[]) or (team_id is null and owner_id = any($7::uuid[])))
union all select '${SHARED_SCOPE}'::uuid`;

// Every scope of the set has its own place in the index, so what others write in between is never read.
const FOUND = `
select *, row_number() over (order by position) - 1 as number from (
  select e.* from (${SCOPES}) v(scope_id), lateral (
    select * from event where workspace_id = $1 and scope_id = v.scope_id and position > $2 and position <= $3
     order by position limit $4) e
   order by position limit $4) found`;

// A record that moved since the client's last page may be new to it, or gone from it: that is for whoever knows what it has
// had. Where none moved at all, which one look tells, no event is looked up.
const MOVED = `
exists (select from scope_change where workspace_id = $1 and position > $8)
and (exists (select from scope_change where workspace_id = $1 and position > $2 and position <= $3
                and (old_scope in (${SCOPES}) or new_scope in (${SCOPES})))
     or exists (select from found f join scope_change c on c.workspace_id = $1 and c.root_id = f.root_id
                 where c.position > $8))`;

const seenSince = (together: number): string => `
with found as materialized (${FOUND})
select head as position, ${eventAt('$2')} as id, null as ops,
       0 as count, access_position as access, ${MOVED} as moved,
       ${eventAt('least(head, $3)')} as last
  from workspace where workspace_id = $1
union all
select *, null, null, null from (${textsOf('select * from found', together)}) page`;

// Not prepared: a plan from the days of an empty log took the wrong one of two indexes that have the order.
const SEEN_SINCE = { text: seenSince(TOGETHER) };
const SEEN_ONE_BY_ONE = { text: seenSince(1) };

interface SeenRow extends PageRow {
  readonly moved: boolean | null;
  /** Id of the event at the end of the stretch, or at the head. */
  readonly last: Uuid | null;
}

export interface SeenSince extends Since {
  /** Without single records. */
  readonly rules: Rules;
  /** Positions to look through at first. */
  readonly stretch: number;
  /** Positions to look through next, where that many did not fill the page. */
  readonly longer: (stretch: number) => number;
}

/**
 * The events after a position that are in a set of rules, as many as fit, each as it is. Undefined where that cannot be told
 * from the events alone: where records moved, or rights changed meanwhile.
 */
export const readSeenSince = async (
  statements: Statements,
  workspaceId: Uuid,
  since: SeenSince,
): Promise<EventsPage | undefined> => {
  const { teams, owners, members } = since.rules;
  const page = emptyPage(since);
  let first: SeenRow | undefined;
  let { stretch } = since;
  for (let alone = false; ;) {
    const upTo: number = Math.min(first?.position ?? Infinity, page.position + stretch);
    const limit = Math.min(since.limit - page.count, alone ? TOGETHER : ROWS_MAX);
    const { rows } = await statements.query<SeenRow>({
      ...(alone ? SEEN_ONE_BY_ONE : SEEN_SINCE),
      values: [workspaceId, page.position, upTo, limit, teams, owners, members, since.after],
    });
    const [start, ...texts] = rows;
    first ??= start;
    if (start === undefined || first === undefined || start.access !== first.access || start.moved === true)
      return undefined;
    const found = texts.reduce((sum, { count }) => sum + count, 0);
    const fitted = fill(page, texts, { needed: alone });
    if (alone || page.count >= since.limit) return pageOf(first, page);
    // Of the text that did not fit, some events may.
    alone = !fitted;
    if (alone || found === limit) continue;
    // Nothing more is in this stretch.
    page.position = Math.min(first.position, upTo);
    page.id = start.last ?? undefined;
    if (page.position >= first.position) return pageOf(first, page);
    stretch = since.longer(stretch);
  }
};
