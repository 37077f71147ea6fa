import { converted, fractionOf, rateFrom, rounded } from '../../shared/base/exchange.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { RateState } from '../../shared/contract/events/rate.ts';
import { initialWorkspace, type WorkspaceState } from '../../shared/contract/events/workspace.ts';
import type { Owing, Worth } from '../../shared/contract/events/worth.ts';
import type { KnownRate, RateWanted } from '../log/read-rates.ts';
import { readRate, readSnapshot, type Draft } from './draft.ts';

/**
 * What a closing's amount is worth in the base currency, by the newest rate whose day is not after that of the closing.
 * Which rate that is nobody can change afterwards: whoever records one moves the access position, so a closing that was
 * decided without it is decided again.
 */
export const frozenWorth = (draft: Draft, workspaceId: Uuid, { amountMinor, currency }: Owing, at: string): Worth => {
  const state = (readSnapshot(draft, workspaceId)?.state ?? initialWorkspace) as unknown as WorkspaceState;
  const { baseCurrency, timeZone } = state;
  const unknown: Worth = { baseCurrency, baseAmountMinor: null, fxRate: null, fxAsOf: null };
  if (amountMinor === null || currency === null) return unknown;
  if (currency === baseCurrency) return { ...unknown, baseAmountMinor: amountMinor };
  const price = newestRate(draft, { from: currency, to: baseCurrency, day: dayIn(timeZone, at) });
  if (price === undefined) return unknown;
  const baseAmountMinor = rounded(converted(fractionOf(String(amountMinor)), currency, price)) ?? null;
  return { baseCurrency, baseAmountMinor, fxRate: rateFrom(currency, price), fxAsOf: price.asOf };
};

/** The log's, or a later one that the same group records. */
const newestRate = (draft: Draft, wanted: RateWanted): KnownRate | undefined => {
  let newest = readRate(draft, wanted);
  for (const { snapshot } of draft.written.values()) {
    if (snapshot.type !== 'rate') continue;
    const rate = snapshot.state as unknown as RateState & KnownRate;
    if (answers(rate, wanted) && (newest === undefined || rate.asOf >= newest.asOf)) newest = rate;
  }
  return newest;
};

const answers = ({ base, quote, asOf }: KnownRate, { from, to, day }: RateWanted): boolean =>
  asOf <= day && ((base === from && quote === to) || (base === to && quote === from));

const formats = new Map<string, Intl.DateTimeFormat>();

/** Closings come in runs of one moment, and a format takes 25 µs. */
let last = { timeZone: '', second: '', day: '' };

/** Swedes write days as we do. */
const dayIn = (timeZone: string, at: string): string => {
  const second = at.slice(0, 19);
  if (last.timeZone === timeZone && last.second === second) return last.day;
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    formats.set(timeZone, format);
  }
  last = { timeZone, second, day: format.format(new Date(at)) };
  return last.day;
};
