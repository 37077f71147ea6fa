import { sql } from 'kysely';
import * as z from 'zod';
import { answerOf, number } from '../analytics/answer-schemas.ts';
import { askedOf, type Asked } from '../analytics/asked.ts';
import { type Cell, currenciesOf, summed, total } from '../analytics/cells.ts';
import { closings } from '../analytics/deals-at.ts';
import { groupingOf, type Grouping } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { readStages, stageTable } from '../analytics/stages-at.ts';
import { type Models, rowsOf } from '../sql.ts';
import { inOrderOf } from '../analytics/in-order.ts';

export interface LossRow {
  readonly [group: string]: unknown;
  readonly reason: string | null;
  /** The stage it was lost from. */
  readonly stageId: string | null;
  readonly stage: string | null;
  readonly competitor: string | null;
  readonly currency: string;
  readonly count: number;
  readonly amountMinor: number;
}
export interface LossesAnswer extends Asked {
  readonly count: number;
  /** null over several currencies. */
  readonly amountMinor: number | null;
  /** Most lost first. */
  readonly rows: readonly LossRow[];
}

const KEYS = ['key', 'name', 'reason', 'stageId', 'stage', 'competitor', 'currency'] as const;
const SUMS = ['count', 'amountMinor'] as const;
type Row = Cell<(typeof KEYS)[number], (typeof SUMS)[number]>;

const readLosses = async (models: Models, question: Question, grouping: Grouping): Promise<Row[]> => {
  const stages = stageTable(await readStages(models.postgres, question));
  return rowsOf<Row>(
    models,
    sql`select ${grouping.text} as key, ${grouping.name} as name, g.reason, g.from_stage_id as "stageId", s.stage,
               g.competitor, g.currency, g.count, g.amount as "amountMinor"
        from (
          select c.key, c.reason, c.from_stage_id, c.competitor, c.currency, count(*) as count,
                 coalesce(sum(c.amount_minor), 0) as amount
          from (select ${grouping.key} as key, c.* from (${closings(question)}) c where c.outcome = 'lost') c
          group by 1, 2, 3, 4, 5) g
        left join (${stages}) s on s.stage_id = g.from_stage_id`,
  );
};

/** By the last closing of each deal: why, from which stage, and to whom. */
const ask = async (models: Models, question: Question): Promise<LossesAnswer> => {
  const { groupBy } = question.filter;
  const grouping = groupingOf(question, groupBy);
  const cells = await readLosses(models, question, grouping);
  const { fallback, currencies } = currenciesOf(cells, question);
  const rows = summed(
    cells.map((cell) => ({ ...cell, currency: cell.currency ?? fallback })),
    KEYS,
    SUMS,
  ).toSorted((a, b) => b.count - a.count || b.amountMinor - a.amountMinor || inOrderOf(...KEYS)(a, b));
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    count: total(rows.map(({ count }) => count)),
    amountMinor: currencies.length <= 1 ? total(rows.map(({ amountMinor }) => amountMinor)) : null,
    rows: rows.map(({ key, name, ...row }) => ({
      ...grouping.fields(key, name),
      ...row,
      currency: row.currency ?? fallback,
    })),
  };
};

export const losses = metric({
  summary: 'What was lost: by reason, stage lost from and competitor',
  groups: ['owner', 'team', 'pipeline', 'source', 'company', 'month', 'quarter', 'year', 'currency'],
  answer: answerOf(
    { count: z.int(), amountMinor: number },
    {
      reason: z.string().nullable(),
      stageId: z.string().nullable(),
      stage: z.string().nullable(),
      competitor: z.string().nullable(),
      currency: z.string(),
      count: z.int(),
      amountMinor: z.number(),
    },
  ),
  ask,
});
