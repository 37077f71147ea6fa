import { sumOfLines } from '../base/money.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { DealState } from '../contract/events/deal.ts';
import { LINE_ITEMS_MAX, linesChanged, linesWith, linesWithout, type LineItem } from '../contract/events/line-items.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Decided, Proposed } from './decider.ts';

type AmountEvent = 'DealAmountChanged' | 'DealCurrencyChanged';
type LineEvent = 'DealLineItemAdded' | 'DealLineItemChanged' | 'DealLineItemRemoved';

/** With line items the amount is their sum, so it changes through them alone. */
export const changeAmount = (
  state: DealState,
  event: Proposed<AmountEvent>,
): Result<Decided<AmountEvent>, Rejection> => {
  if (state.lineItems.length > 0) return err(invalidField('amountMinor', 'is the sum of the line items: change those'));
  if (event.type === 'DealCurrencyChanged') return ok(event);
  const currency = event.data.currency ?? state.currency;
  if (currency === null) return err(invalidField('currency', 'is needed, the deal has none yet'));
  return ok({ type: event.type, data: { ...event.data, currency } });
};

/** Adds the resulting sum to the event, so that readers of the log need not know how it is rounded. */
export const changeLines = (state: DealState, event: Proposed<LineEvent>): Result<Decided<LineEvent>, Rejection> => {
  const lines = resultingLines(state.lineItems, event);
  if (!lines.ok) return lines;
  const amountMinor = sumOfLines(lines.value);
  if (amountMinor === undefined) return err(invalidField('unitMinor', 'makes the amount too large'));
  const currency = currencyAfter(state, event);
  if (!currency.ok) return currency;
  const data = { ...event.data, amountMinor, currency: currency.value };
  return ok({ type: event.type, data } as Decided<LineEvent>);
};

const resultingLines = (
  lines: readonly LineItem[],
  event: Proposed<LineEvent>,
): Result<readonly LineItem[], Rejection> => {
  const exists = lines.some(({ id }) => id === event.data.lineItemId);
  if (event.type === 'DealLineItemAdded') {
    if (exists) return err(invalidField('lineItemId', 'is a line item already'));
    if (lines.length >= LINE_ITEMS_MAX)
      return err(invalidField('lineItemId', `a deal has at most ${LINE_ITEMS_MAX} line items`));
    return ok(linesWith(lines, event.data));
  }
  if (!exists) return err(invalidField('lineItemId', 'is no line item of this deal'));
  return ok(
    event.type === 'DealLineItemChanged' ? linesChanged(lines, event.data) : linesWithout(lines, event.data.lineItemId),
  );
};

/** All lines of a deal are in its currency; the first line may bring it. */
const currencyAfter = (state: DealState, event: Proposed<LineEvent>): Result<string, Rejection> => {
  const sent = event.type === 'DealLineItemAdded' ? event.data.currency : undefined;
  const currency = sent ?? state.currency;
  if (currency === null) return err(invalidField('currency', 'is needed, the deal has none yet'));
  if (state.lineItems.length > 0 && currency !== state.currency) {
    return err(invalidField('currency', `the other line items are in ${state.currency ?? 'another currency'}`));
  }
  return ok(currency);
};
