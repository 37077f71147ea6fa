import * as z from 'zod';
import { Problem } from '../../../shared/contract/problem.ts';
import { answerOf, number } from '../analytics/answer-schemas.ts';
import { askedOf } from '../analytics/asked.ts';
import type { AnalyticsFilter } from '../analytics/filter.ts';
import { groupingOf } from '../analytics/grouping.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { stretchOf } from '../analytics/stretch.ts';
import { type Cell, type CloseWindow, type Side, waterfallCells } from '../analytics/waterfall-cells.ts';
import { EMPTY, STEPS, type Waterfall, waterfallsOf } from '../analytics/waterfall-steps.ts';
import { parameter } from '../parameters.ts';
import type { Runner } from '../sql.ts';

interface Group {
  readonly key: string | null;
  readonly currency: string;
}

/**
 * What made of the open deals at `from` those at `to`: each change counts once, in the order in which the clock tells
 * them. Without `closeFrom` and `closeTo` all open deals are followed. A change of currency moves a deal out of one
 * currency's row and into the other's.
 */
const ask = async (runner: Runner, question: Question<AnalyticsFilter & CloseWindow>): Promise<object> => {
  const { groupBy, closeFrom, closeTo } = question.filter;
  if (closeFrom !== undefined && closeTo !== undefined && closeFrom > closeTo) throw windowIsBackward();
  const grouping = groupingOf(question, groupBy);
  const cells = await waterfallCells(runner, question, stretchOf(question), grouping);
  const groups = groupsOf(cells, fallbackOf(question, cells));
  const currencies = [...new Set(groups.map(([{ currency }]) => currency))].toSorted();
  const total = waterfallsOf(cells, () => '').get('') ?? EMPTY;
  const one = currencies.length <= 1;
  const row = ([{ key, currency }, waterfall]: readonly [Group, Waterfall]) =>
    Object.assign(grouping.fields(key, nameOf(cells, key)), { currency }, waterfall);
  return {
    ...askedOf(question, currencies, groupBy === undefined ? [] : [groupBy]),
    closeFrom: closeFrom ?? null,
    closeTo: closeTo ?? null,
    ...(one ? total : withoutAmounts(total)),
    rows: groupBy === undefined && one ? [] : groups.map(row),
  };
};

const windowIsBackward = (): Problem =>
  new Problem('invalid_request', 'The window of expected close dates ends before it begins.', {
    errors: [{ path: 'closeTo', message: 'must not be before closeFrom' }],
  });

/** What deals without an amount count with: the only currency there is, else the one asked for or of the workspace. */
const fallbackOf = ({ filter, baseCurrency }: Question, cells: readonly Cell[]): string => {
  const counted = cells.filter(({ is }) => is.standing === 'in');
  const [named = null, ...others] = new Set(counted.flatMap(({ is }) => is.currency ?? []));
  return (others.length === 0 ? named : null) ?? filter.currency ?? baseCurrency;
};

/** By group and currency, in the order of their keys. */
const groupsOf = (cells: readonly Cell[], fallback: string): (readonly [Group, Waterfall])[] => {
  const textOf = ({ key, currency }: Side): string => JSON.stringify([key, currency ?? fallback]);
  const sorted = [...waterfallsOf(cells, textOf)].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([text, waterfall]) => {
    const [key, currency] = JSON.parse(text) as [string | null, string];
    return [{ key, currency }, waterfall];
  });
};

const nameOf = (cells: readonly Cell[], key: string | null): string | null =>
  cells.find(({ is }) => is.key === key)?.name ?? null;

/** Over several currencies only deals are counted. */
const withoutAmounts = (waterfall: Waterfall): object =>
  Object.fromEntries(STEPS.map((step) => [step, { count: waterfall[step].count, amountMinor: null }]));

const step = z.strictObject({ count: z.int(), amountMinor: number });
const steps = Object.fromEntries(STEPS.map((name) => [name, step]));

export const waterfall = metric({
  summary: 'What made of the open deals at one moment those at another, change by change',
  groups: ['owner', 'team', 'pipeline', 'source', 'currency'],
  extra: { closeFrom: parameter('date').optional(), closeTo: parameter('date').optional() },
  answer: answerOf(
    { closeFrom: z.string().nullable(), closeTo: z.string().nullable(), ...steps },
    { currency: z.string(), ...steps },
  ),
  ask,
});
