import { sql } from 'kysely';
import * as z from 'zod';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Viewer } from '../access/access.ts';
import { invalidPage, pageToken, readPageToken } from './page-token.ts';
import { LIMIT_DEFAULT, LIMIT_MAX, fits, wholeNumber } from './parameters.ts';
import { allOf, rowsOf, type Runner } from './sql.ts';
import { withVisible } from './visible.ts';

/** Something that somebody should look at. */
export interface Reminder {
  readonly kind: 'rotten_deal' | 'overdue_activity';
  readonly recordId: Uuid;
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

export const reminderQuery = z.strictObject({
  kind: z.enum(['rotten_deal', 'overdue_activity']).optional(),
  open: z.enum(['true', 'false']).optional(),
  limit: wholeNumber(1, LIMIT_MAX, LIMIT_DEFAULT),
  after: z.string().max(1000).optional(),
});
export type ReminderQuery = z.output<typeof reminderQuery>;

const SORT = '-since';

/** The newest first; open ones where nothing else is asked for. */
export const listReminders = async (runner: Runner, viewer: Viewer, query: ReminderQuery): Promise<ReminderPage> => {
  const { kind, open = 'true', limit, after } = query;
  const place = after === undefined ? undefined : readPageToken(after, SORT);
  if (place !== undefined && !fits.instant(String(place.value))) throw invalidPage();
  const rows = await rowsOf<Reminder>(
    runner,
    sql`select r.kind, r.record_id as "recordId", r.since, r.noted_at as "notedAt", r.ended_at as "endedAt"
        from reminder r
        where ${allOf([
          withVisible(viewer, 'r'),
          kind === undefined ? sql`true` : sql`r.kind = ${kind}`,
          open === 'true' ? sql`r.ended_at is null` : sql`r.ended_at is not null`,
          place === undefined
            ? sql`true`
            : sql`(r.since, r.record_id) < (${String(place.value)}::timestamptz, ${place.id}::uuid)`,
        ])}
        order by r.since desc, r.record_id desc limit ${limit + 1}`,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next: more ? pageToken({ sort: SORT, value: last.since, id: last.recordId }) : null };
};
