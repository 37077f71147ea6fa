import * as z from 'zod';
import { answerOf, winRatesSchema } from '../analytics/answer-schemas.ts';
import { metric } from '../analytics/metric.ts';
import type { Question } from '../analytics/question.ts';
import { closedDeals } from '../analytics/closings-summary.ts';
import { groupingOf } from '../analytics/grouping.ts';
import { askedOf, winRatesOf, type Asked, type WinRates } from '../analytics/asked.ts';
import type { Runner } from '../sql.ts';

export interface LeaderboardRow {
  readonly [group: string]: unknown;
  readonly currency: string | null;
  readonly won: number;
  readonly lost: number;
  readonly wonAmountMinor: number;
  readonly winRate: WinRates;
}
export interface LeaderboardAnswer extends Asked {
  /** Most won first. */
  readonly rows: readonly LeaderboardRow[];
}

/** Who won how much: by the owner, or the team, that each deal had when it closed. */
const ask = async (runner: Runner, question: Question): Promise<LeaderboardAnswer> => {
  const group = question.filter.groupBy ?? 'owner';
  const grouping = groupingOf(question, group);
  const closed = await closedDeals(runner, question, grouping);
  const rows = closed.groups.map((summary) => ({
    ...grouping.fields(summary.key, summary.name),
    currency: summary.currency,
    won: summary.won,
    lost: summary.lost,
    wonAmountMinor: summary.wonMinor,
    winRate: winRatesOf(summary, true),
  }));
  return {
    ...askedOf(question, closed.currencies, [group]),
    rows: rows.toSorted((a, b) => b.wonAmountMinor - a.wonAmountMinor || b.won - a.won),
  };
};

export const leaderboard = metric({
  summary: 'Who won how much, per owner or team',
  groups: ['owner', 'team', 'currency'],
  answer: answerOf(
    {},
    { currency: z.string(), won: z.int(), lost: z.int(), wonAmountMinor: z.int(), winRate: winRatesSchema },
  ),
  ask,
});
