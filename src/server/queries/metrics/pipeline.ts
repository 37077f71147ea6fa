import { sql } from 'kysely';
import * as z from 'zod';
import type { Uuid } from '../../../shared/base/ids.ts';
import type { Question } from '../analytics/question.ts';
import { answerOf, number } from '../analytics/answer-schemas.ts';
import { openDeals } from '../analytics/deals-at.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { metric } from '../analytics/metric.ts';
import { readStages, stageTable } from '../analytics/stages-at.ts';
import { type Models, rowsOf } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

/** Grouped by owner or team it has their fields, too: `ownerId` and `owner`. */
export interface PipelineRow {
  readonly pipelineId: Uuid;
  readonly pipeline: string | null;
  readonly stageId: Uuid;
  readonly stage: string | null;
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: number;
  /** Σ amount × probability, rounded once. */
  readonly weightedMinor: number;
}
export interface PipelineAnswer extends Asked {
  readonly count: number;
  /** null over several currencies. */
  readonly amountMinor: number | null;
  readonly weightedMinor: number | null;
  /** By pipeline and the order of its stages; open stages in use are there even when empty, unless owners or teams are told apart. */
  readonly rows: readonly PipelineRow[];
}

type Row = Omit<PipelineRow, 'count' | 'amountMinor' | 'weightedMinor'> &
  Record<'count' | 'amountMinor' | 'weightedMinor', string | number> & {
    /** Of the stage, in the list of all. */
    readonly place: number | null;
    readonly exact: string;
    readonly group: string | null;
    readonly groupName: string | null;
  };

/** The open deals by stage: count, value and weighted value at the question's moment. */
const ask = async (models: Models, question: Question): Promise<PipelineAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy);
  const rows = (await stageRows(models, question, grouping)).toSorted(
    inOrderOf('place', 'pipelineId', 'stageId', 'groupName', 'group', 'currency'),
  );
  const currencies = [...new Set(rows.filter((row) => Number(row.count) > 0).map((row) => row.currency))].toSorted();
  const one = currencies.length <= 1;
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    count: sum(rows.map((row) => Number(row.count))),
    amountMinor: one ? sum(rows.map((row) => Number(row.amountMinor))) : null,
    weightedMinor: one ? Math.round(sum(rows.map((row) => Number(row.exact)))) : null,
    rows: rows.map((row) => ({ ...grouping.fields(row.group, row.groupName), ...rowOf(row) })),
  };
};

/** Sums are numeric, which arrives as text. */
const rowOf = ({ pipelineId, pipeline, stageId, stage, currency, ...sums }: Row): PipelineRow => ({
  pipelineId,
  pipeline,
  stageId,
  stage,
  currency,
  count: Number(sums.count),
  amountMinor: Number(sums.amountMinor),
  weightedMinor: Number(sums.weightedMinor),
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Deals without an amount count with the only currency there is, else with the base currency. */
const stageRows = async (models: Models, question: Question, grouping: Grouping): Promise<Row[]> => {
  const { baseCurrency, filter } = question;
  const stages = stageTable(await readStages(models.postgres, question));
  const { pipelineId, groupBy } = filter;
  // An empty stage belongs to nobody: told apart by owner or team it has no row.
  const emptyStages = groupBy === 'owner' || groupBy === 'team' ? sql`false` : sql`in_use`;
  return rowsOf<Row>(
    models,
    sql`with counted as materialized (
          select c.pipeline_id, c.stage_id, c.currency, ${grouping.key} as key,
                 count(*) as count, sum(c.amount_minor) as amount, sum(c.weighted_minor) as weighted
          from (${openDeals(question)}) c
          group by 1, 2, 3, 4),
        single as (select case when min(currency) = max(currency) then min(currency)
                               else ${filter.currency ?? baseCurrency}::text end as currency from counted),
        sums as (
          select c.pipeline_id, c.stage_id, coalesce(c.currency, single.currency) as currency, c.key,
                 sum(c.count) as count, coalesce(sum(c.amount), 0) as amount, coalesce(sum(c.weighted), 0) as weighted
          from counted c cross join single
          group by 1, 2, 3, 4),
        stages as (
          select s.place, s.pipeline_id, s.pipeline, s.stage_id, s.stage, s.kind = 'open' and s.in_use as in_use
          from (${stages}) s
          where ${pipelineId === undefined ? sql`true` : sql`s.pipeline_id = ${pipelineId}::uuid`})
        select s.place, coalesce(s.pipeline_id, g.pipeline_id) as "pipelineId", s.pipeline, coalesce(s.stage_id, g.stage_id) as "stageId", s.stage,
               coalesce(g.currency, single.currency) as currency, ${grouping.text} as "group", ${grouping.name} as "groupName",
               coalesce(g.count, 0) as count,
               coalesce(g.amount, 0) as "amountMinor", round(coalesce(g.weighted, 0)) as "weightedMinor",
               coalesce(g.weighted, 0) as exact
        from (select * from stages where ${emptyStages} or stage_id in (select stage_id from sums)) s
        full join sums g on g.pipeline_id = s.pipeline_id and g.stage_id = s.stage_id
        cross join single`,
  );
};

const amounts = { count: z.int(), amountMinor: number, weightedMinor: number };

export const pipeline = metric({
  summary: 'Open deals by stage: count, value and weighted value, now or at any moment',
  groups: ['owner', 'team', 'pipeline', 'stage', 'currency'],
  answer: answerOf(amounts, {
    pipelineId: z.string(),
    pipeline: z.string().nullable(),
    stageId: z.string(),
    stage: z.string().nullable(),
    currency: z.string(),
    ...amounts,
  }),
  ask,
});
