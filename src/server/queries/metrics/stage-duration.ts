import { sql } from 'kysely';
import * as z from 'zod';
import { standsAt } from '../analytics/activities-at.ts';
import { answerOf, number, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { msBetween } from '../analytics/duration.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { exactly, percentile } from '../analytics/percentile.ts';
import { readStages, stageTable, type StageThen } from '../analytics/stages-at.ts';
import { stageVisits } from '../analytics/stage-visits.ts';
import { readModel } from '../read-model.ts';
import { type Fragment, type Models, rowsOf } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

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
  select max(a.done_at) from ${readModel('activity')} r
  join ${readModel('activity_history')} a on a.workspace_id = r.workspace_id and a.activity_id = r.id
  where r.workspace_id = ${viewer.workspaceId}::uuid and r.root_id = c.deal_id and ${standsAt(view, 'a')})`;

/** Of stays that ended, or of those that go on: sums are numeric, which arrives as text. */
type Measure = 'stay' | 'age';
type Measured = Record<`${Measure}N`, number> &
  Record<`${Measure}Sum`, string | number | null> &
  Record<`${Measure}50` | `${Measure}90`, number | null>;

interface Row extends Measured {
  readonly group: string | null;
  readonly groupName: string | null;
  /** Of the stage, in the list of them; null: of all stages and groups together. */
  readonly place: number | null;
  /** That the stays are of. */
  readonly deals: number;
  readonly rotten: number;
}

const measure = (name: Measure): Fragment => {
  const value = sql.ref(`c.${name}_ms`);
  const as = (what: string): Fragment => sql.ref(`${name}${what}`);
  return sql`count(${value})::integer as ${as('N')}, sum(${value}) as ${as('Sum')},
    ${percentile(0.5, value)} as ${as('50')}, ${percentile(0.9, value)} as ${as('90')}`;
};

/** Closing stages are no stays; a stay that ended in the period and one that goes on are measured apart. */
const readStays = (
  models: Models,
  question: Question,
  { grouping, stages }: { readonly grouping: Grouping; readonly stages: readonly StageThen[] },
): Promise<Row[]> => {
  const grouped = question.filter.groupBy !== undefined;
  const now = sql`${question.at}::timestamptz`;
  // Whoever allows every age need not look through all activities.
  const isLimited = stages.some(({ rottenAfterDays }) => rottenAfterDays !== null);
  return rowsOf<Row>(
    models,
    sql`with c as materialized (
            select ${grouping.key} as key, c.left_before, s.place, s.rotten_after_days,
                   case when c.left_in then ${msBetween(sql`c.entered`, sql`c."left"`)} end as stay_ms,
                   case when c."left" is null then ${msBetween(sql`c.entered`, now)} end as age_ms,
                   ${isLimited ? sql`case when c."left" is null then ${msBetween(sql`greatest(c.entered, ${lastActivity(question)})`, now)} end` : sql`null::bigint`} as quiet_ms
            from (${stageVisits(question, grouped)}) c
            join (${stageTable(stages)}) s
              on s.pipeline_id = c.pipeline_id and s.stage_id = c.stage_id
            where c.left_in or c."left" is null)
        select ${grouping.text} as "group", ${grouping.name} as "groupName", g.*
        from (
          select c.key, c.place, ${measure('stay')}, ${measure('age')},
                 (count(*) filter (where c.stay_ms is not null and c.left_before is not true))::integer as deals,
                 (count(*) filter (where c.quiet_ms > c.rotten_after_days * ${MS_PER_DAY}::float8))::integer as rotten
          from c group by 1, 2) g
        union all
        select null, null, null, null, ${measure('stay')}, ${measure('age')}, 0, 0 from c`,
  );
};

const days = (value: number | null): number | null => (value === null ? null : value / MS_PER_DAY);

const durationsOf = (row: Measured | undefined, name: Measure): Durations => {
  const n = row?.[`${name}N`] ?? 0;
  const [p50, p90] = [row?.[`${name}50`] ?? null, row?.[`${name}90`] ?? null];
  return {
    n,
    meanDays: n === 0 ? null : days(Number(row?.[`${name}Sum`]) / n),
    p50Days: p50 === null ? null : days(exactly(p50)),
    p90Days: p90 === null ? null : days(exactly(p90)),
  };
};

const rowOf = (row: Row, stage: StageThen): StageDurationRow => ({
  pipelineId: stage.pipelineId,
  pipeline: stage.pipeline,
  stageId: stage.stageId,
  stage: stage.stage,
  visits: durationsOf(row, 'stay'),
  perDeal: { n: row.deals, meanDays: row.deals === 0 ? null : (days(Number(row.staySum)) ?? 0) / row.deals },
  open: durationsOf(row, 'age'),
  rotten: stage.rottenAfterDays === null ? null : rate(row.rotten, row.ageN, row.ageN),
});

/** How long deals stay in each stage: stays that ended in the period, and how old those are that go on. */
const ask = async (models: Models, question: Question): Promise<StageDurationAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'entered');
  const stages = (await readStages(models.postgres, question)).filter(({ kind }) => kind === 'open');
  const rows = (await readStays(models, question, { grouping, stages })).toSorted(
    inOrderOf('place', 'groupName', 'group'),
  );
  const all = rows.find(({ place }) => place === null);
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    visits: durationsOf(all, 'stay'),
    open: durationsOf(all, 'age'),
    rows: rows.flatMap((row) => {
      const stage = row.place === null ? undefined : stages[row.place];
      return stage === undefined ? [] : [{ ...grouping.fields(row.group, row.groupName), ...rowOf(row, stage) }];
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
