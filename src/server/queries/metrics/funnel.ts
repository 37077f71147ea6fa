import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { total } from '../analytics/cells.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { stages, stageVisits } from '../analytics/stage-visits.ts';
import { rowsOf, type Runner } from '../sql.ts';

export interface FunnelRow {
  readonly [group: string]: unknown;
  readonly pipelineId: string;
  readonly stageId: string;
  readonly stage: string;
  /** Deals that entered the stage in the period, each once. */
  readonly count: number;
  /** Of those, what came at least one stage further later, skipped stages included, or was won. */
  readonly next: Rate;
  readonly won: Rate;
  readonly lost: Rate;
}
export interface Conversion extends Rate {
  readonly pipelineId: string;
  readonly fromStageId: string;
  readonly fromStage: string;
  readonly toStageId: string;
  readonly toStage: string;
}
/** Of all deals that entered a stage in the period, what was won. */
export interface FunnelAnswer extends Asked, Rate {
  readonly rows: readonly FunnelRow[];
  /** From each open stage to every later one and to won: without groups, since they add up. */
  readonly conversions: readonly Conversion[];
}

interface Stage {
  readonly pipelineId: string;
  readonly pipeline: string;
  readonly stageId: string;
  readonly stage: string;
  readonly ordinal: number;
  readonly kind: 'open' | 'won' | 'lost';
  readonly inUse: boolean;
}

/** Deals that entered a stage in the period, by how far they came afterwards. */
interface Reached {
  readonly key: string | null;
  readonly name: string | null;
  readonly pipelineId: string;
  readonly stageId: string;
  /** The highest ordinal of the stages that followed, the entered one included; WON where it was won. */
  readonly reach: number;
  /** It ended in a lost stage. */
  readonly lost: boolean;
  readonly count: number;
  /** How many of them entered no stage earlier in the period. */
  readonly deals: number;
}

const WON = 1_000_000;

/**
 * One pass over the stays, sorted by deal and time: what a deal reached after each of them is a running maximum from its
 * end. A deal counts once a stage, with its first entry in the period.
 */
const readReached = (runner: Runner, question: Question, grouping: Grouping, grouped: boolean): Promise<Reached[]> =>
  rowsOf<Reached>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.pipeline_id as "pipelineId", g.stage_id as "stageId",
               g.reach, g.lost, g.count::integer as count, g.deals::integer as deals
        from (
          select c.key, c.pipeline_id, c.stage_id, c.reach, c.last_kind = 'lost' as lost, count(*) as count,
                 count(*) filter (where c.deal_entry = 1) as deals
          from (
            select ${grouping.key} as key, c.deal_id, c.pipeline_id, c.stage_id, c.kind, c.entered_in,
                   max(case c.kind when 'won' then ${WON}::integer when 'lost' then 0 else c.ordinal end) over later as reach,
                   first_value(c.kind) over (partition by c.deal_id order by c.entered desc, c.visit desc) as last_kind,
                   row_number() over (partition by c.deal_id, c.entered_in order by c.entered, c.visit) as deal_entry,
                   row_number() over (partition by c.deal_id, c.stage_id, c.entered_in order by c.entered, c.visit) as stage_entry
            from (select v.*, s.ordinal, s.kind from (${stageVisits(question, grouped)}) v
                  join (${stages(question)}) s on s.pipeline_id = v.pipeline_id and s.stage_id = v.stage_id) c
            window later as (partition by c.deal_id, c.pipeline_id order by c.entered desc, c.visit desc)) c
          where c.entered_in and c.stage_entry = 1 and c.kind = 'open'
          group by 1, 2, 3, 4, 5) g`,
  );

const readStages = (runner: Runner, question: Question): Promise<Stage[]> =>
  rowsOf<Stage>(
    runner,
    sql`select s.pipeline_id as "pipelineId", s.pipeline, s.stage_id as "stageId", s.stage, s.ordinal, s.kind, s.in_use as "inUse"
        from (${stages(question)}) s order by s.pipeline_created, s.pipeline_id, s.ordinal`,
  );

const sum = (reached: readonly Reached[]): number => total(reached.map(({ count }) => count));

/** Of the deals that entered the stage, those that came as far as `ordinal`. */
const conversion = (reached: readonly Reached[], ordinal: number): Rate => {
  const entered = sum(reached);
  return rate(sum(reached.filter(({ reach }) => reach >= ordinal)), entered, entered);
};

const lostOf = (reached: readonly Reached[]): Rate => {
  const entered = sum(reached);
  return rate(sum(reached.filter(({ lost, reach }) => lost && reach < WON)), entered, entered);
};

/** Stages in the order of their pipeline: open ones in use, and what was entered of others. */
const openStages = (all: readonly Stage[], reached: readonly Reached[], { filter }: Question): Stage[] =>
  all.filter(
    ({ kind, inUse, stageId, pipelineId }) =>
      kind === 'open' &&
      (filter.pipelineId === undefined || pipelineId === filter.pipelineId) &&
      (inUse || reached.some((row) => row.stageId === stageId)),
  );

const groupsOf = (reached: readonly Reached[]): (readonly Reached[])[] => {
  const groups = new Map<string | null, Reached[]>();
  for (const row of reached) groups.set(row.key, [...(groups.get(row.key) ?? []), row]);
  return [...groups.values()];
};

const conversionsOf = (all: readonly Stage[], open: readonly Stage[], reached: readonly Reached[]): Conversion[] =>
  open.flatMap((from) => {
    const entered = reached.filter(({ stageId }) => stageId === from.stageId);
    const later = all.filter(
      (to) =>
        to.pipelineId === from.pipelineId && (to.kind === 'won' || (open.includes(to) && to.ordinal > from.ordinal)),
    );
    return later.map((to) => ({
      pipelineId: from.pipelineId,
      fromStageId: from.stageId,
      fromStage: from.stage,
      toStageId: to.stageId,
      toStage: to.stage,
      ...conversion(entered, to.kind === 'won' ? WON : to.ordinal),
    }));
  });

/** How far deals came that entered a stage in the period: skipped stages count as reached, lost deals stay in the base. */
const ask = async (runner: Runner, question: Question): Promise<FunnelAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'entered');
  const [reached, all] = await Promise.all([
    readReached(runner, question, grouping, groupBy !== undefined && groupBy !== 'pipeline'),
    readStages(runner, question),
  ]);
  const open = openStages(all, reached, question);
  const rowsIn = (group: readonly Reached[]): FunnelRow[] =>
    open.map(({ pipelineId, pipeline, stageId, stage, ordinal }) => {
      const entered = group.filter((row) => row.stageId === stageId);
      const following = open.find((other) => other.pipelineId === pipelineId && other.ordinal > ordinal);
      return {
        ...grouping.fields(group[0]?.key ?? null, group[0]?.name ?? null),
        pipelineId,
        pipeline,
        stageId,
        stage,
        count: sum(entered),
        next: conversion(entered, following?.ordinal ?? WON),
        won: conversion(entered, WON),
        lost: lostOf(entered),
      };
    });
  const deals = total(reached.map((row) => row.deals));
  const won = total(reached.filter(({ reach }) => reach >= WON).map((row) => row.deals));
  const groups = groupBy === undefined ? [reached] : groupsOf(reached);
  return {
    ...askedOf(question, [], groupBy === undefined ? [] : [groupBy]),
    ...rate(won, deals, deals),
    rows: groups.flatMap(rowsIn),
    conversions: conversionsOf(all, open, reached),
  };
};

const conversionSchema = z.strictObject({
  pipelineId: z.string(),
  fromStageId: z.string(),
  fromStage: z.string(),
  toStageId: z.string(),
  toStage: z.string(),
  ...rateSchema.shape,
});

export const funnel = metric({
  summary: 'From stage to stage: of the deals that entered one in the period, what came further, was won, was lost',
  groups: ['owner', 'team', 'source', 'company', 'currency'],
  answer: answerOf(
    { ...rateSchema.shape, conversions: z.array(conversionSchema) },
    {
      pipelineId: z.string(),
      pipeline: z.string(),
      stageId: z.string(),
      stage: z.string(),
      count: z.int(),
      next: rateSchema,
      won: rateSchema,
      lost: rateSchema,
    },
  ),
  ask,
});
