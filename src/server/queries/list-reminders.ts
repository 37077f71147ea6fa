import { sql } from 'kysely';
import * as z from 'zod';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Viewer } from '../access/access.ts';
import type { FilterField } from './list-fields.ts';
import { filtersOf } from './list-records.ts';
import { invalidPage, pageToken, readPageToken } from './page-token.ts';
import { filterParameters, fits, LIMIT_DEFAULT, LIMIT_MAX, wholeNumber } from './parameters.ts';
import { readModel } from './read-model.ts';
import { allOf, rowsOf, type Fragment, type Runner } from './sql.ts';
import { withVisible } from './visible.ts';

/** Something that somebody should look at. */
export interface Reminder {
  readonly kind: 'rotten_deal' | 'overdue_activity';
  readonly recordId: Uuid;
  /** Whose deal or activity it is now. */
  readonly ownerId: Uuid | null;
  /** When it began to rot, or was due. */
  readonly since: string;
  readonly notedAt: string;
  /** When it was found to be so no more. */
  readonly endedAt: string | null;
}
export interface ReminderPage {
  readonly items: readonly Reminder[];
  readonly next: string | null;
}

const OWNER = {
  filters: { ownerId: { column: 'owner_id', kind: 'id', operator: '=' } satisfies FilterField },
} as const;

export const reminderQuery = z.strictObject({
  kind: z.enum(['rotten_deal', 'overdue_activity']).optional(),
  open: z.enum(['true', 'false']).default('true'),
  limit: wholeNumber(1, LIMIT_MAX, LIMIT_DEFAULT),
  after: z.string().min(1).max(4000).optional(),
  ...filterParameters(OWNER),
});
export type ReminderQuery = z.output<typeof reminderQuery> & { readonly ownerId?: readonly string[] | undefined };

/** Those of records that are there, each with its record's owner. */
const reminders = (viewer: Viewer): Fragment => sql`
  select m.kind, m.record_id, m.since, m.noted_at, m.ended_at, r.owner_id,
         case when r.owner_id = ${viewer.userId}::uuid then 1 else 0 end as own
  from reminder m
  join lateral (
    select d.owner_id from ${readModel('deal')} d
     where m.kind = 'rotten_deal' and d.workspace_id = m.workspace_id and d.id = m.record_id and d.deleted_at is null
    union all
    select a.owner_id from ${readModel('activity')} a
     where m.kind = 'overdue_activity' and a.workspace_id = m.workspace_id and a.id = m.record_id and a.deleted_at is null) r on true
  where ${withVisible(viewer, 'm')}`;

const SORT = '-own,-since';
const PLACE = /^([01]) (.*)$/;

/** After a page's last row; what the token holds is checked, since a forged one must not reach a cast. */
const beyond = (after: string): Fragment => {
  const { value, id } = readPageToken(after, SORT);
  const [, own, since = ''] = PLACE.exec(String(value)) ?? [];
  if (own === undefined || !fits.instant(since)) throw invalidPage();
  return sql`(r.own, r.since, r.record_id) < (${Number(own)}::integer, ${since}::timestamptz, ${id}::uuid)`;
};

const shown = ({ kind, recordId, ownerId, since, notedAt, endedAt }: Reminder): Reminder => ({
  kind,
  recordId,
  ownerId,
  since,
  notedAt,
  endedAt,
});

/** The viewer's own first, of each the newest; open ones where nothing else is asked for. */
export const listReminders = async (runner: Runner, viewer: Viewer, query: ReminderQuery): Promise<ReminderPage> => {
  const { kind, ownerId, open, limit, after } = query;
  const conditions = [
    open === 'true' ? sql`r.ended_at is null` : sql`r.ended_at is not null`,
    ...(kind === undefined ? [] : [sql`r.kind = ${kind}`]),
    ...(ownerId === undefined ? [] : filtersOf(OWNER, { ownerId })),
    ...(after === undefined ? [] : [beyond(after)]),
  ];
  const rows = await rowsOf<Reminder & { own: number }>(
    runner,
    sql`select r.kind, r.record_id as "recordId", r.owner_id as "ownerId", r.since, r.noted_at as "notedAt",
               r.ended_at as "endedAt", r.own
        from (${reminders(viewer)}) r where ${allOf(conditions)}
        order by r.own desc, r.since desc, r.record_id desc limit ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const next =
    rows.length > limit && last !== undefined
      ? pageToken({ sort: SORT, value: `${last.own} ${last.since}`, id: last.recordId })
      : null;
  return { items: items.map(shown), next };
};
