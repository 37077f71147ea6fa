import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';
import {
  emptyPage,
  eventAt,
  type EventsPage,
  fill,
  NOWHERE,
  pageOf,
  type PageRow,
  ROWS_MAX,
  type Since,
  textsOf,
  TOGETHER,
} from './event-texts.ts';

// Positions have no gaps, so a range of them is a page. `limit` would do the same only where the planner reads the index in
// order; without statistics it was seen to build the JSON of the whole log (260 ms of 95,000 events) and sort it.
const RANGE = `
select *, position - $2 - 1 as number from event where workspace_id = $1 and position > $2 and position <= $2 + $3
 order by position`;

const eventsSince = (together: number): string => `
select head as position, ${eventAt('$2')} as id, null as ops,
       0 as count, access_position as access
  from workspace where workspace_id = $1
union all
select *, null from (${textsOf(RANGE, together)}) page`;

// Prepared: planning took 0.4 ms of a page's 4. A plan is kept from the days when the log was empty and there were no
// statistics, so each of its parts asks for the order that one index alone has: the log's sessions never sort.
const SINCE = { name: 'events_since', text: eventsSince(TOGETHER) };
const SINCE_ONE_BY_ONE = { name: 'events_since_one_by_one', text: eventsSince(1) };

interface Statement {
  readonly name: string;
  readonly text: string;
}

const rowsOf = async (statements: Statements, statement: Statement, values: unknown[]): Promise<readonly PageRow[]> =>
  (await statements.query<PageRow>({ ...statement, values })).rows;

/** All events after a position, in order, as many as fit into `limit` and `bytes`, at least one: for who sees everything. */
export const readSince = async (statements: Statements, workspaceId: Uuid, since: Since): Promise<EventsPage> => {
  const page = emptyPage(since);
  const end = since.after + since.limit;
  let first: PageRow | undefined;
  for (let alone = false; ;) {
    // What was committed after the first statement belongs to the next page: an answer is one snapshot.
    const left = Math.min(end, first?.position ?? Infinity) - page.position;
    const values = [workspaceId, page.position, Math.min(left, alone ? TOGETHER : ROWS_MAX)];
    const [start = NOWHERE, ...texts] = await rowsOf(statements, alone ? SINCE_ONE_BY_ONE : SINCE, values);
    first ??= start;
    // Rights that change between two statements end the page: what follows is judged anew.
    if (start.access !== first.access) return pageOf(first, page);
    const fitted = fill(page, texts, { needed: alone });
    if (alone || page.position >= Math.min(first.position, end)) return pageOf(first, page);
    // Of the text that did not fit, some events may.
    alone = !fitted;
  }
};
