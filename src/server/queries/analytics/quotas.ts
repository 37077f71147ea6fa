import { sql } from 'kysely';
import { NO_AMOUNT, plus, rounded } from '../../../shared/base/exchange.ts';
import { readModel } from '../read-model.ts';
import { rowsOf, type Fragment, type Runner } from '../sql.ts';
import { withVisible } from '../visible.ts';
import { exchangerOf, type Exchanger } from './exchanger.ts';
import type { Group } from './filter.ts';
import { knownAt } from './prices.ts';
import { filterConditions, type Question } from './question.ts';

/** A target, over days; the end is the day after the last. */
export interface Quota {
  readonly ownerId: string | null;
  readonly teamId: string | null;
  /** Of a person: the team that his deals without a team count for. */
  readonly homeId: string | null;
  readonly start: string;
  readonly end: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** The quota of a row, or of the whole answer, in a currency; null where none covers the period. */
export interface Quotas {
  readonly total: (currency: string) => number | null;
  readonly of: (key: string | null, currency: string) => number | null;
}

const NO_QUOTAS: Quotas = { total: () => null, of: () => null };

/** A period that is bounded, of everything that a quota is for: a pipeline or a currency alone has none. */
export const hasQuotas = ({ times, filter }: Question): boolean =>
  times.from !== null && times.to !== null && filter.pipelineId === undefined && filter.currency === undefined;

/** A bound of the period as a day of the workspace. */
export const dayOf = (time: string | null, { timeZone }: Question): Fragment =>
  sql`(${time}::timestamptz at time zone ${timeZone})::date`;

type Row = Quota & { readonly from: string; readonly to: string };

/** Of one subject and period the one that was set last. */
const readQuotas = (runner: Runner, question: Question): Promise<Row[]> => {
  const { viewer, times } = question;
  const [from, to] = [dayOf(times.from, question), dayOf(times.to, question)];
  return rowsOf<Row>(
    runner,
    sql`select distinct on (q.owner_id, q.team_id, q.period_start, q.period_end)
               q.owner_id as "ownerId", q.team_id as "teamId", q.period_start::text as start, q.period_end::text as "end",
               q.amount_minor as "amountMinor", q.currency, ${from}::text as "from", ${to}::text as "to",
               (select m.team_id from ${readModel('team_member')} m
                 where m.workspace_id = q.workspace_id and m.user_id = q.owner_id order by m.team_id limit 1) as "homeId"
        from ${readModel('quota')} q
        where ${withVisible(viewer, 'q')} and ${filterConditions(question, 'q')} and ${knownAt(question, 'q')}
          and q.period_start >= ${from} and q.period_end <= ${to}
        order by q.owner_id, q.team_id, q.period_start, q.period_end, q.position desc`,
  );
};

/** The quotas that make up a period without a gap or a day twice, the longest first; undefined where none do. */
export const covering = (quotas: readonly Quota[], from: string, to: string): readonly Quota[] | undefined => {
  const hopeless = new Set<string>();
  const onwards = (day: string): readonly Quota[] | undefined => {
    if (day === to) return [];
    if (hopeless.has(day)) return undefined;
    const next = quotas.filter(({ start, end }) => start === day && end <= to);
    for (const quota of next.toSorted((a, b) => (a.end < b.end ? 1 : -1))) {
      const rest = onwards(quota.end);
      if (rest !== undefined) return [quota, ...rest];
    }
    hopeless.add(day);
    return undefined;
  };
  return onwards(from);
};

/** Each subject's quotas that cover the period; subjects that have none of it are left out. */
const covered = (rows: readonly Row[]): (readonly Quota[])[] => {
  const subjects = Map.groupBy(rows, ({ ownerId, teamId }) => `${ownerId} ${teamId}`);
  return [...subjects.values()].flatMap((own) => {
    const [first] = own;
    const parts = first && covering(own, first.from, first.to);
    return parts === undefined ? [] : [parts];
  });
};

const sumIn = (parts: readonly Quota[], currency: string, exchange: Exchanger): number | null => {
  let sum = NO_AMOUNT;
  for (const part of parts) {
    const amount = exchange(part.amountMinor, part.currency, currency);
    if (amount === undefined) return null;
    sum = plus(sum, amount);
  }
  return parts.length === 0 ? null : (rounded(sum) ?? null);
};

type Pick = (quota: Quota) => boolean;
const isPersons: Pick = ({ ownerId }) => ownerId !== null;

/** The subject's own quota counts; where a team or the workspace has none, those of its people together. */
const ownOrPeoples = (subjects: readonly (readonly Quota[])[], own: Pick, people: Pick): readonly Quota[] => {
  const parts = subjects.flat();
  const mine = parts.filter(own);
  return mine.length > 0 ? mine : parts.filter(people);
};

/** The quotas of the question's period, as they were set at its moment, by owner or team if rows are told apart by those. */
export const quotasOf = async (runner: Runner, question: Question, group: Group | undefined): Promise<Quotas> => {
  if (!hasQuotas(question)) return NO_QUOTAS;
  const subjects = covered(await readQuotas(runner, question));
  if (subjects.length === 0) return NO_QUOTAS;
  const exchange = await exchangerOf(runner, question, true);
  const { ownerId, teamId } = question.filter;
  const isTotal: Pick = (quota) => quota.ownerId === (ownerId ?? null) && quota.teamId === (teamId ?? null);
  return {
    total: (currency) => sumIn(ownOrPeoples(subjects, isTotal, isPersons), currency, exchange),
    of: (key, currency) => {
      if (key === null || (group !== 'owner' && group !== 'team')) return null;
      const own: Pick = (quota) => (group === 'owner' ? quota.ownerId === key : quota.teamId === key);
      return sumIn(
        ownOrPeoples(subjects, own, ({ homeId }) => group === 'team' && homeId === key),
        currency,
        exchange,
      );
    },
  };
};
