import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, rateSchema } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { total } from '../analytics/cells.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { rate, type Rate } from '../analytics/rate.ts';
import { readStages, stageTable, type StageThen } from '../analytics/stages-at.ts';
import { stageVisits } from '../analytics/stage-visits.ts';
import { type Models, rowsOf, type Runner } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

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

/** A step is the number of the stay times this, and twice the stage's place in the list, and 1 where it began in the period. */
const VISIT = 1_000_000;

/** The way that deals went: their steps in order, which is that of the numbers. */
interface Way {
  readonly key: string | null;
  readonly name: string | null;
  readonly way: readonly number[];
  readonly count: number;
}

/**
 * Thousands of deals share a way, and what followed on what is told here: running maxima over all stays took five times as
 * long. What a deal went through before the period tells nothing of it.
 */
const readWays = (
  runner: Runner,
  question: Question,
  all: readonly StageThen[],
  { grouping, grouped }: { readonly grouping: Grouping; readonly grouped: boolean },
): Promise<Way[]> =>
  rowsOf<Way>(
    runner,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.way, g.count::integer as count
        from (
          select d.key, d.way, count(*) as count
          from (
            select ${grouped ? sql`v.key` : sql`null::text`} as key,
                   array_agg(v.step order by v.visit) as way
            from (
              select ${grouped ? grouping.key : sql`null`} as key, c.deal_id, c.visit,
                     c.visit * ${VISIT}::bigint + s.place * 2 + case when c.entered_in then 1 else 0 end as step
              from (${stageVisits(question, grouped)}) c
              join (${stageTable(all)}) s
                on s.pipeline_id = c.pipeline_id and s.stage_id = c.stage_id
              where c.since) v
            group by v.deal_id ${grouped ? sql`, v.key` : sql``}) d
          group by 1, 2) g`,
  );

/**
 * What deals of one way reached after each stage that they entered in the period, each stage once, with the first entry.
 * Won and lost is what they stand as at the moment: a win that was undone by a reopening is none.
 */
const reachedOn = ({ way, key, name, count }: Way, all: readonly StageThen[]): Reached[] => {
  const steps = way.flatMap((step) => {
    const stage = all[Math.trunc((step % VISIT) / 2)];
    return stage === undefined ? [] : [{ stage, entered: step % 2 === 1 }];
  });
  const last = steps.at(-1)?.stage.kind;
  const seen = new Set<string>();
  return steps.flatMap(({ stage, entered }, index) => {
    if (!entered || stage.kind !== 'open' || seen.has(stage.stageId)) return [];
    const isFirst = !steps.slice(0, index).some((step) => step.entered);
    seen.add(stage.stageId);
    const later = steps
      .slice(index)
      .filter((step) => step.stage.pipelineId === stage.pipelineId && step.stage.kind === 'open');
    const reach = last === 'won' ? WON : Math.max(...later.map((step) => step.stage.ordinal));
    const { pipelineId, stageId } = stage;
    return [{ key, name, pipelineId, stageId, reach, lost: last === 'lost', count, deals: isFirst ? count : 0 }];
  });
};

const sum = (reached: readonly Reached[]): number => total(reached.map(({ count }) => count));

/** Of the deals that entered the stage, those that came as far as `ordinal`. */
const conversion = (reached: readonly Reached[], ordinal: number): Rate => {
  const entered = sum(reached);
  return rate(sum(reached.filter(({ reach }) => reach >= ordinal)), entered, entered);
};

const lostOf = (reached: readonly Reached[]): Rate => {
  const entered = sum(reached);
  return rate(sum(reached.filter(({ lost }) => lost)), entered, entered);
};

/** Stages in the order of their pipeline: open ones in use, and what was entered of others. */
const openStages = (all: readonly StageThen[], reached: readonly Reached[], { filter }: Question): StageThen[] =>
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

const conversionsOf = (
  all: readonly StageThen[],
  open: readonly StageThen[],
  reached: readonly Reached[],
): Conversion[] =>
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
const ask = async (models: Models, question: Question): Promise<FunnelAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy, 'entered');
  const all = await readStages(models.postgres, question);
  const ways = await readWays(models, question, all, { grouping, grouped: groupBy !== undefined });
  const reached = ways.toSorted(inOrderOf('name', 'key')).flatMap((way) => reachedOn(way, all));
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
