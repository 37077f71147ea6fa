import { sql } from 'kysely';
import * as z from 'zod';
import { doneAt } from '../analytics/activities-at.ts';
import { answerOf, number, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { stagesAt } from '../analytics/stages-at.ts';
import { stageVisits } from '../analytics/stage-visits.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';

/** Days; null where there is none to measure. */
export interface Durations {
  readonly n: number;
  readonly meanDays: number | null;
  readonly p50Days: number | null;
  readonly p90Days: number | null;
}

export interface StageDurationRow {
  readonly [group: string]: unknown;
  readonly pipelineId: string;
  readonly stageId: string;
  readonly stage: string;
  /** Stays that ended in the period. */
  readonly visits: Durations;
  /** Of those, all stays of a deal together. */
  readonly perDeal: { readonly n: number; readonly meanDays: number | null };
  /** Deals that are in the stage at the moment: how long by now. */
  readonly open: Durations;
  /** Of those, what nobody touched for longer than the stage allows; null where it allows everything. */
  readonly rotten: Rate | null;
}
export interface StageDurationAnswer extends Asked {
  readonly visits: Durations;
  readonly open: Durations;
  readonly rows: readonly StageDurationRow[];
}

const MS_PER_DAY = 86_400_000;

/** When somebody last did something about the deal of `c`, as known at the moment. */
const lastActivity = ({ viewer, view }: Question): Fragment => sql`(
  select max(a.done_at) from ${readModel('activity')} a
  where a.workspace_id = ${viewer.workspaceId}::uuid and a.root_id = c.deal_id and ${doneAt(view)})`;

type Measure = 'n' | 'mean' | 'parts';
/** Both percentiles are one sort. */
type Row = Record<`visits_${'n' | 'mean'}` | `open_${'n' | 'mean'}`, number | string | null> & {
  readonly visits_parts: readonly [number, number] | null;
  readonly open_parts: readonly [number, number] | null;
  readonly group: string | null;
  readonly groupName: string | null;
  readonly whole: boolean;
  readonly pipelineId: string | null;
  readonly pipeline: string;
  readonly stageId: string | null;
  readonly stage: string;
  readonly deals: number;
  readonly dealMs: number | string | null;
  readonly limited: boolean;
  readonly rotten: number;
};

const measures = (name: 'visits' | 'open', ms: Fragment): Fragment => {
  const as = (measure: Measure) => sql.ref(`${name}_${measure}`);
  return sql`count(${ms})::integer as ${as('n')}, avg(${ms})::float8 as ${as('mean')},
    percentile_cont(array[0.5, 0.9]) within group (order by ${ms}) as ${as('parts')}`;
};

const ms = (from: Fragment, to: Fragment): Fragment => sql`extract(epoch from ${to} - ${from})::float8 * 1000`;

/** Closing stages are no stays; a stay that ended in the period and one that goes on are measured apart. */
const readDurations = async (runner: Runner, question: Question, grouping: Grouping): Promise<Row[]> => {
  const stages = await stagesAt(runner, question);
  const grouped = question.filter.groupBy !== undefined;
  const now = sql`${question.at}::timestamptz`;
  return rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as "group", ${grouping.name} as "groupName", g.*, s.pipeline, s.stage
        from (
          select c.key, grouping(c.stage_id) = 1 as whole, c.pipeline_id as "pipelineId", c.stage_id as "stageId",
                 ${measures('visits', sql`c.stay_ms`)}, ${measures('open', sql`c.age_ms`)},
                 count(distinct c.deal_id) filter (where c.stay_ms is not null)::integer as deals,
                 sum(c.stay_ms) as "dealMs", bool_or(c.rotten_after_days is not null) as limited,
                 (count(*) filter (where c.quiet_ms > c.rotten_after_days * ${MS_PER_DAY}::float8))::integer as rotten
          from (
            select ${grouping.key} as key, c.deal_id, c.pipeline_id, c.stage_id, s.rotten_after_days,
                   case when c.left_in then ${ms(sql`c.entered`, sql`c."left"`)} end as stay_ms,
                   case when c."left" is null then ${ms(sql`c.entered`, now)} end as age_ms,
                   case when c."left" is null and s.rotten_after_days is not null
                        then ${ms(sql`greatest(c.entered, ${lastActivity(question)})`, now)} end as quiet_ms
            from (${stageVisits(question, grouped)}) c
            join (${stages}) s on s.pipeline_id = c.pipeline_id and s.stage_id = c.stage_id
            where s.kind = 'open' and (c.left_in or c."left" is null)) c
          group by grouping sets ((c.key, c.pipeline_id, c.stage_id), ())) g
        left join (${stages}) s on s.pipeline_id = g."pipelineId" and s.stage_id = g."stageId"
        order by s.pipeline_created, s.pipeline_id, s.ordinal, "groupName", "group"`,
  );
};

const days = (value: number | string | null): number | null => (value === null ? null : Number(value) / MS_PER_DAY);

const durationsOf = (row: Row | undefined, name: 'visits' | 'open'): Durations => ({
  n: Number(row?.[`${name}_n`] ?? 0),
  meanDays: days(row?.[`${name}_mean`] ?? null),
  p50Days: days(row?.[`${name}_parts`]?.[0] ?? null),
  p90Days: days(row?.[`${name}_parts`]?.[1] ?? null),
});

/** How long deals stay in each stage: stays that ended in the period, and how old those are that go on. */
const ask = async (runner: Runner, question: Question): Promise<StageDurationAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'entered');
  const rows = await readDurations(runner, question, grouping);
  const whole = rows.find((row) => row.whole);
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    visits: durationsOf(whole, 'visits'),
    open: durationsOf(whole, 'open'),
    rows: rows
      .filter((row) => !row.whole)
      .map((row) => {
        const open = durationsOf(row, 'open');
        return {
          ...grouping.fields(row.group, row.groupName),
          pipelineId: row.pipelineId ?? '',
          pipeline: row.pipeline,
          stageId: row.stageId ?? '',
          stage: row.stage,
          visits: durationsOf(row, 'visits'),
          perDeal: { n: row.deals, meanDays: row.deals === 0 ? null : (days(row.dealMs) ?? 0) / row.deals },
          open,
          rotten: row.limited ? rate(row.rotten, open.n, open.n) : null,
        };
      }),
  };
};

const durations = z.strictObject({ n: z.int(), meanDays: number, p50Days: number, p90Days: number });

export const stageDuration = metric({
  summary: 'How long deals stay in each stage, how old the open ones are, and how many are rotten',
  groups: ['owner', 'team', 'source', 'company', 'currency'],
  answer: answerOf(
    { visits: durations, open: durations },
    {
      pipelineId: z.string(),
      pipeline: z.string(),
      stageId: z.string(),
      stage: z.string(),
      visits: durations,
      perDeal: z.strictObject({ n: z.int(), meanDays: number }),
      open: durations,
      rotten: rateSchema.nullable(),
    },
  ),
  ask,
});
