import { sql } from 'kysely';
import * as z from 'zod';
import { activitiesAt } from '../analytics/activities-at.ts';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { type Cell, summed, type Summed } from '../analytics/cells.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import { inTimes, periodCondition, type Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { rowsOf, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

export interface Done {
  readonly count: number;
  /** Of those, what only an import tells of; they count for their owner. */
  readonly imported: number;
  /** Of calls, together. */
  readonly durationSec: number;
  /** Done by the time it was due, over what was planned, not canceled, and due in the period and by the moment. */
  readonly onTime: Rate;
}
export interface ActivityAnswer extends Asked, Done {
  /** Apart by kind and direction in any case. */
  readonly rows: readonly (Done & Readonly<Record<string, unknown>>)[];
}

const KEYS = ['key', 'name', 'kind', 'direction'] as const;
const SUMS = ['count', 'imported', 'durationSec', 'due', 'onTime'] as const;
type Row = Cell<(typeof KEYS)[number], (typeof SUMS)[number]>;

/** What was done goes by when it was done, what was planned by when it was due: an activity may count in two months. */
const readDone = (runner: Runner, question: Question, grouping: Grouping): Promise<Row[]> =>
  rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.kind, g.direction, g.count, g.imported,
               g.duration as "durationSec", g.due, g.on_time as "onTime"
        from (
          select ${grouping.key} as key, c.kind, c.direction, count(*) as count, count(*) filter (where c.imported) as imported,
                 coalesce(sum(c.duration_sec), 0) as duration, 0 as due, 0 as on_time
          from (select a.*, a.done_at as at from (${activitiesAt(question)}) a
                where a.done_at is not null and ${periodCondition(question.period, sql`a.done_at`, sql`a.done_position`)}) c
          group by 1, 2, 3
          union all
          select ${grouping.key}, c.kind, c.direction, 0, 0, 0, count(*), count(*) filter (where c.done_at <= c.due_at)
          from (select a.*, a.due_at as at from (${activitiesAt(question)}) a
                where a.status in ('scheduled', 'completed') and a.due_at <= ${question.at}::timestamptz
                  and ${inTimes(question.times, sql`a.due_at`)}) c
          group by 1, 2, 3) g`,
  );

const doneOf = ({ count, imported, durationSec, due, onTime }: Summed<never, (typeof SUMS)[number]>): Done => ({
  count,
  imported,
  durationSec,
  onTime: rate(onTime, due, due),
});

const NONE = { count: 0, imported: 0, durationSec: 0, due: 0, onTime: 0 };

/** What was done in the period: by type, and by who did it then, whoever owns it today. */
const ask = async (runner: Runner, question: Question): Promise<ActivityAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'at');
  const cells = (await readDone(runner, question, grouping)).toSorted(inOrderOf('key', 'kind', 'direction'));
  const [all = NONE] = summed(cells, [], SUMS);
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    ...doneOf(all),
    rows: summed(cells, KEYS, SUMS).map((row) => ({
      ...grouping.fields(row.key, row.name),
      kind: row.kind,
      direction: row.direction,
      ...doneOf(row),
    })),
  };
};

const done = { count: z.int(), imported: z.int(), durationSec: z.int(), onTime: rateSchema };

export const activity = metric({
  summary: 'What was done: calls, e-mails, meetings, tasks and notes, by who did it, and whether in time',
  groups: ['owner', 'team', 'month', 'quarter', 'year', 'direction'],
  answer: answerOf(done, { kind: z.string(), direction: z.string().nullable(), ...done }),
  ask,
});
