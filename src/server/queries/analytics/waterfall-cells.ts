import { sql } from 'kysely';
import { filterConditions, type Question } from './question.ts';
import type { Grouping } from './grouping.ts';
import { meetingOf, type Stretch } from './stretch.ts';
import { readModel } from '../read-model.ts';
import { allOf, rowsOf, type Fragment, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';

/** Whether a deal counts at a moment, else the first reason why not. */
export type Standing = 'in' | 'deleted' | 'won' | 'lost' | 'filtered' | 'window';

/** A deal between two of its changes, for the waterfall. */
export interface Side {
  readonly standing: Standing;
  readonly key: string | null;
  readonly currency: string | null;
}

/** Spans that are alike, with what stood before them, counted and summed up in minor units. */
export interface Cell {
  /** What its change found; null: nothing, the deal was created. Only of those that began on the way. */
  readonly was: Side | null;
  readonly is: Side;
  readonly name: string | null;
  readonly begun: boolean;
  readonly first: boolean;
  readonly last: boolean;
  /** What the change did to the amount: 1 it rose, -1 it fell; null: there was none before. */
  readonly sign: number | null;
  readonly n: number;
  readonly wasMinor: number;
  readonly isMinor: number;
}

/** Expected to close in [from, to); both absent: whenever. */
export interface CloseWindow {
  readonly closeFrom?: string | undefined;
  readonly closeTo?: string | undefined;
}

type Row = Side &
  Pick<Cell, 'name' | 'begun' | 'first' | 'last' | 'sign'> &
  Readonly<Record<'n' | 'wasMinor' | 'isMinor', string | number>> & {
    readonly was: Standing | null;
    readonly wasKey: string | null;
    readonly wasCurrency: string | null;
  };

/** Every span that meets the stretch, in cells: one pass over the history, whatever becomes of the cells. */
export const waterfallCells = async (
  runner: Runner,
  question: Question<Question['filter'] & CloseWindow>,
  stretch: Stretch,
  grouping: Grouping,
): Promise<Cell[]> => {
  const rows = await rowsOf<Row>(
    runner,
    sql`with cells as (
          select s.was, s.was_key, s.was_currency, s.standing, s.key, s.currency, s.begun, s.first, s.last,
                 sign(s.amount - s.was_amount)::integer as sign, count(*) as n,
                 coalesce(sum(s.was_amount), 0) as was_minor, sum(s.amount) as is_minor
          from (${steps(question, stretch, grouping)}) s
          group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        named as (
          select g.key, ${grouping.text} as text, ${grouping.name} as name from (select distinct key from cells) g)
        select c.was, w.text as "wasKey", c.was_currency as "wasCurrency", c.standing, n.text as key, c.currency, n.name,
               c.begun, c.first, c.last, c.sign, c.n, c.was_minor as "wasMinor", c.is_minor as "isMinor"
        from cells c left join named n on n.key = c.key left join named w on w.key = c.was_key`,
  );
  return rows.map(cellOf);
};

/** Sums are numeric, which arrives as text. */
const cellOf = (row: Row): Cell => ({
  was: row.was === null ? null : { standing: row.was, key: row.wasKey, currency: row.wasCurrency },
  is: { standing: row.standing, key: row.key, currency: row.currency },
  name: row.name,
  begun: row.begun,
  first: row.first,
  last: row.last,
  sign: row.sign,
  n: Number(row.n),
  wasMinor: Number(row.wasMinor),
  isMinor: Number(row.isMinor),
});

/** Each span beside the one that it followed; a span that began on the way follows one that is in the set, too. */
const steps = (
  question: Question<Question['filter'] & CloseWindow>,
  stretch: Stretch,
  grouping: Grouping,
): Fragment => {
  const { met, begun, first, last } = meetingOf(stretch, 'c');
  return sql`
    select c.*, lag(c.standing) over w as was, lag(c.key) over w as was_key, lag(c.currency) over w as was_currency,
           lag(c.amount) over w as was_amount
    from (
      select c.deal_id, c.entry, ${grouping.key} as key, c.currency, coalesce(c.amount_minor, 0) as amount,
             ${standing(question)} as standing, ${begun} as begun, ${first} as first, ${last} as last
      from ${readModel('deal_history')} c
      where ${withVisible(question.viewer, 'c', 'deal_id')} and ${met}) c
    window w as (partition by c.deal_id order by c.entry)`;
};

const standing = (question: Question<Question['filter'] & CloseWindow>): Fragment => sql`
  case when c.deleted then 'deleted' when c.outcome <> 'open' then c.outcome
       when ${filterConditions(question, 'c')} is not true then 'filtered'
       when ${closing(question.filter)} is not true then 'window' else 'in' end`;

const closing = ({ closeFrom, closeTo }: CloseWindow): Fragment => {
  const conditions: Fragment[] = [];
  if (closeFrom !== undefined) conditions.push(sql`c.expected_close_date >= ${closeFrom}::date`);
  if (closeTo !== undefined) conditions.push(sql`c.expected_close_date < ${closeTo}::date`);
  return allOf(conditions);
};
