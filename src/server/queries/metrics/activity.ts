import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { total } from '../analytics/cells.ts';
import { activitiesAt } from '../analytics/activities-at.ts';
import { groupingOf } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import { periodCondition, type Question } from '../analytics/question.ts';
import { rowsOf, type Runner } from '../sql.ts';

export interface ActivityRow {
  readonly [group: string]: unknown;
  readonly kind: string;
  readonly direction: string | null;
  readonly count: number;
  /** Of calls, together. */
  readonly durationSec: number;
}
export interface ActivityAnswer extends Asked {
  readonly count: number;
  readonly rows: readonly ActivityRow[];
}

interface Row {
  readonly key: string | null;
  readonly name: string | null;
  readonly kind: string;
  readonly direction: string | null;
  readonly count: number;
  readonly durationSec: number | string;
}

/** What was done in the period: by type, and by who did it then, whoever owns it today. */
const ask = async (runner: Runner, question: Question): Promise<ActivityAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'happened_at');
  const rows = await rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.kind, g.direction, g.count::integer as count,
               g.duration as "durationSec"
        from (
          select c.key, c.kind, c.direction, count(*) as count, coalesce(sum(c.duration_sec), 0) as duration
          from (select ${grouping.key} as key, c.* from (${activitiesAt(question)}) c
                where ${periodCondition(question.period, sql`c.happened_at`, sql`c.done_position`)}) c
          group by 1, 2, 3) g
        order by key nulls last, g.count desc, g.kind, g.direction`,
  );
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    count: total(rows.map(({ count }) => count)),
    rows: rows.map(({ key, name, kind, direction, count, durationSec }) => ({
      ...grouping.fields(key, name),
      kind,
      direction,
      count,
      durationSec: Number(durationSec),
    })),
  };
};

export const activity = metric({
  summary: 'What was done: calls, e-mails, meetings, tasks and notes, by who did it',
  groups: ['owner', 'team', 'month', 'quarter', 'year'],
  answer: answerOf(
    { count: z.int() },
    { kind: z.string(), direction: z.string().nullable(), count: z.int(), durationSec: z.int() },
  ),
  ask,
});
