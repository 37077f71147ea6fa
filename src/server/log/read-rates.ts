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

const newest = (base: string, quote: string): string => `
  (select data, data ->> 'asOf' as day, position from event
    where workspace_id = $1 and type = 'ExchangeRateRecorded' and data ->> 'base' = ${base} and data ->> 'quote' = ${quote}
      and data ->> 'asOf' collate "C" <= w.day
    order by data ->> 'asOf' collate "C" desc, position desc limit 1)`;

// The newest of either direction is one step in the index; of both, the later day, and of one day what was recorded last.
const RATES = `
select w.a as "from", w.b as "to", w.day, r.data
  from unnest($2::text[], $3::text[], $4::text[]) w(a, b, day), lateral (
    select data from (${newest('w.a', 'w.b')} union all ${newest('w.b', 'w.a')}) e
     order by day collate "C" desc, position desc limit 1) r`;

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
