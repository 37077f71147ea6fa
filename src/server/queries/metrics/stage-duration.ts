import { sql } from 'kysely';
import * as z from 'zod';
import { standsAt } from '../analytics/activities-at.ts';
import { answerOf, number, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { total } from '../analytics/cells.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { spreadOf } from '../analytics/spread.ts';
import { readStages, stageTable, type StageThen } from '../analytics/stages-at.ts';
import { stageVisits } from '../analytics/stage-visits.ts';
import { readModel } from '../read-model.ts';
import { type Fragment, type Models, rowsOf, type Runner } from '../sql.ts';
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

interface Row {
  readonly group: string | null;
  readonly groupName: string | null;
  /** Of the stage, in the list of them. */
  readonly place: number;
  /** Milliseconds, as JSON; null where there are none. */
  readonly stays: string | null;
  readonly ages: string | null;
  /** That the stays are of. */
  readonly deals: number;
  readonly rotten: number;
}

/** The stays of one stage and group. */
interface Stays extends Omit<Row, 'stays' | 'ages'> {
  readonly stage: StageThen;
  readonly stays: readonly number[];
  readonly ages: readonly number[];
}

const ms = (from: Fragment, to: Fragment): Fragment => sql`round(date_part('epoch', ${to} - ${from}) * 1000)::bigint`;

const numbers = (json: string | null): readonly number[] => (json === null ? [] : (JSON.parse(json) as number[]));

/** Closing stages are no stays; a stay that ended in the period and one that goes on are measured apart. */
const readStays = async (
  runner: Runner,
  question: Question,
  { grouping, stages }: { readonly grouping: Grouping; readonly stages: readonly StageThen[] },
): Promise<Stays[]> => {
  const grouped = question.filter.groupBy !== undefined;
  const now = sql`${question.at}::timestamptz`;
  const rows = await rowsOf<Row>(
    runner,
    sql`select ${grouping.text} as "group", ${grouping.name} as "groupName", g.place, g.deals, g.rotten,
               array_to_json(g.stays) as stays, array_to_json(g.ages) as ages
        from (
          select c.key, c.place, array_agg(c.stay_ms) filter (where c.stay_ms is not null) as stays,
                 array_agg(c.age_ms) filter (where c.age_ms is not null) as ages,
                 count(distinct c.deal_id) filter (where c.stay_ms is not null)::integer as deals,
                 (count(*) filter (where c.quiet_ms > c.rotten_after_days * ${MS_PER_DAY}::float8))::integer as rotten
          from (
            select ${grouping.key} as key, c.deal_id, s.place, s.rotten_after_days,
                   case when c.left_in then ${ms(sql`c.entered`, sql`c."left"`)} end as stay_ms,
                   case when c."left" is null then ${ms(sql`c.entered`, now)} end as age_ms,
                   case when c."left" is null and s.rotten_after_days is not null
                        then ${ms(sql`greatest(c.entered, ${lastActivity(question)})`, now)} end as quiet_ms
            from (${stageVisits(question, grouped)}) c
            join (${stageTable(stages)}) s
              on s.pipeline_id = c.pipeline_id and s.stage_id = c.stage_id
            where c.left_in or c."left" is null) c
          group by 1, 2) g`,
  );
  return rows.toSorted(inOrderOf('place', 'groupName', 'group')).map((row) => ({
    ...row,
    stage: stages[row.place] as StageThen,
    stays: numbers(row.stays),
    ages: numbers(row.ages),
  }));
};

const days = (value: number | null): number | null => (value === null ? null : value / MS_PER_DAY);

const durationsOf = (values: readonly number[]): Durations => {
  const { n, mean, at } = spreadOf(values);
  return { n, meanDays: days(mean), p50Days: days(at(0.5)), p90Days: days(at(0.9)) };
};

/** How long deals stay in each stage: stays that ended in the period, and how old those are that go on. */
const ask = async (models: Models, question: Question): Promise<StageDurationAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'entered');
  const stages = (await readStages(models.postgres, question)).filter(({ kind }) => kind === 'open');
  const rows = await readStays(models, question, { grouping, stages });
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    visits: durationsOf(rows.flatMap(({ stays }) => stays)),
    open: durationsOf(rows.flatMap(({ ages }) => ages)),
    rows: rows.map(({ group, groupName, stage, stays, ages, deals, rotten }) => ({
      ...grouping.fields(group, groupName),
      pipelineId: stage.pipelineId,
      pipeline: stage.pipeline,
      stageId: stage.stageId,
      stage: stage.stage,
      visits: durationsOf(stays),
      perDeal: { n: deals, meanDays: deals === 0 ? null : (days(total(stays)) ?? 0) / deals },
      open: durationsOf(ages),
      rotten: stage.rottenAfterDays === null ? null : rate(rotten, ages.length, ages.length),
    })),
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
