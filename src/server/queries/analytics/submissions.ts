import { sql } from 'kysely';
import { type Fraction, NO_AMOUNT, plus, rounded } from '../../../shared/base/exchange.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';
import { closings } from './deals-at.ts';
import { exchangerOf, type Exchanger } from './exchanger.ts';
import { knownAt } from './prices.ts';
import { dayOf, hasQuotas } from './quotas.ts';
import { filterConditions, ofTeam, type Question } from './question.ts';

/** What somebody said of the period, and how it came out. */
export interface Submission {
  readonly ownerId: string | null;
  readonly owner: string | null;
  readonly teamId: string | null;
  readonly team: string | null;
  readonly submittedBy: string;
  readonly submittedAt: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Won so far, in the same currency; null where a rate is missing. */
  readonly actualMinor: number | null;
  /** 1 − |actual − submitted| / actual, once the period is over; null before, and where nothing was won. */
  readonly accuracy: number | null;
  /** (submitted − actual) / actual, likewise: above 0 is too hopeful. */
  readonly bias: number | null;
}

type Row = Omit<Submission, 'actualMinor' | 'accuracy' | 'bias'> & {
  readonly id: string;
  /** One currency of what was won; null: nothing was. */
  readonly wonCurrency: string | null;
  readonly wonMinor: string | null;
};

/** Of one subject, period and author the newest. What was won belongs to whom it belonged at the closing. */
const readSubmissions = (runner: Runner, question: Question): Promise<Row[]> => {
  const { viewer, times } = question;
  const nameIn = (table: 'app_user' | 'team', column: string) =>
    sql`(select n.name from ${readModel(table)} n where n.workspace_id = ${viewer.workspaceId}::uuid and n.id = ${sql.ref(`s.${column}`)})`;
  return rowsOf<Row>(
    runner,
    sql`with won as materialized (
          select c.owner_id, c.team_id, c.currency, c.amount_minor
          from (${closings({ ...question, filter: {} })}) c where c.outcome = 'won' and c.amount_minor is not null),
        newest as (
          select distinct on (s.owner_id, s.team_id, s.submitted_by) s.*
          from ${readModel('forecast_submission')} s
          where ${withVisible(viewer, 's')} and ${filterConditions(question, 's')} and ${knownAt(question, 's')}
            and s.period_start = ${dayOf(times.from, question)} and s.period_end = ${dayOf(times.to, question)}
          order by s.owner_id, s.team_id, s.submitted_by, s.position desc)
        select s.id, s.owner_id as "ownerId", ${nameIn('app_user', 'owner_id')} as owner, s.team_id as "teamId",
               ${nameIn('team', 'team_id')} as team, s.submitted_by as "submittedBy", s.created_at as "submittedAt",
               s.amount_minor as "amountMinor", s.currency, a.currency as "wonCurrency", a.amount as "wonMinor"
        from newest s
        left join lateral (
          select c.currency, sum(c.amount_minor) as amount from won c
          where case when s.owner_id is not null then c.owner_id = s.owner_id
                     when s.team_id is not null then ${ofTeam(viewer, 'c', sql`s.team_id`)}
                     else true end
          group by 1) a on true
        order by s.position, a.currency`,
  );
};

const actualOf = (rows: readonly Row[], currency: string, exchange: Exchanger): number | null => {
  let sum: Fraction | undefined = NO_AMOUNT;
  for (const { wonCurrency, wonMinor } of rows) {
    const part = wonCurrency === null ? NO_AMOUNT : exchange(Number(wonMinor), wonCurrency, currency);
    sum = sum && part && plus(sum, part);
  }
  return sum === undefined ? null : (rounded(sum) ?? null);
};

const judged = (rows: readonly Row[], isOver: boolean, exchange: Exchanger): Submission[] => {
  const [first] = rows;
  if (first === undefined) return [];
  const { id: _, wonCurrency: __, wonMinor: ___, ...submission } = first;
  const actualMinor = actualOf(rows, submission.currency, exchange);
  if (!isOver || actualMinor === null || actualMinor === 0)
    return [{ ...submission, actualMinor, accuracy: null, bias: null }];
  const bias = (submission.amountMinor - actualMinor) / actualMinor;
  return [{ ...submission, actualMinor, accuracy: 1 - Math.abs(bias), bias }];
};

/** The submissions for just the question's period, the oldest first. */
export const submissionsOf = async (runner: Runner, question: Question): Promise<Submission[]> => {
  if (!hasQuotas(question)) return [];
  const rows = await readSubmissions(runner, question);
  const isForeign = rows.some(({ currency, wonCurrency }) => wonCurrency !== null && wonCurrency !== currency);
  const exchange = await exchangerOf(runner, question, isForeign);
  const isOver = question.times.to !== null && question.at >= question.times.to;
  return [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((own) => judged(own, isOver, exchange));
};
