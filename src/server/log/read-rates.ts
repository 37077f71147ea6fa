import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements } from '../database/workspace-pool.ts';

/** What one currency costs in another, as far as it was known on a day. */
export interface RateWanted {
  readonly from: string;
  readonly to: string;
  /** Like 2026-11-22. */
  readonly day: string;
}

export interface KnownRate {
  readonly base: string;
  readonly quote: string;
  readonly rate: string;
  readonly asOf: string;
}

export const rateKey = ({ from, to, day }: RateWanted): string => `${from}/${to}/${day}`;

const RATES = 'select "from", "to", day, data from newest_rates($1, $2, $3, $4)';

/** By `rateKey`; what nobody recorded is missing. */
export const readRates = async (
  statements: Statements,
  workspaceId: Uuid,
  wanted: readonly RateWanted[],
): Promise<Map<string, KnownRate>> => {
  const values = [
    workspaceId,
    wanted.map(({ from }) => from),
    wanted.map(({ to }) => to),
    wanted.map(({ day }) => day),
  ];
  const { rows } = await statements.query<RateWanted & { readonly data: string }>(RATES, values);
  return new Map(rows.map(({ data, ...pair }) => [rateKey(pair), JSON.parse(data) as KnownRate]));
};
