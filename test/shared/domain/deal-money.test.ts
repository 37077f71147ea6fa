import { describe, test } from 'vitest';
import { fact, given, id } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

const engine = fact('DealCreated', { name: 'Engine', amountMinor: 1000, currency: 'EUR' });

describe('the money of a deal', () => {
  test('needs a currency with its first amount', () => {
    const unpriced = fact('DealCreated', { name: 'Engine' });
    given(salesPipeline, unpriced)
      .when(fact('DealAmountChanged', { amountMinor: 5 }))
      .refuses('invalid', 'data.currency');
    given(salesPipeline, unpriced)
      .when(fact('DealAmountChanged', { amountMinor: 5, currency: 'JPY' }))
      .leaves({ amountMinor: 5, currency: 'JPY' });
  });

  test('names the currency in every change, so that readers of the log need no state', () => {
    given(salesPipeline, engine)
      .when(fact('DealAmountChanged', { amountMinor: 5 }))
      .expects({ amountMinor: 5, currency: 'EUR' });
  });

  test('changes its currency with a new amount', () => {
    given(salesPipeline, engine)
      .when(fact('DealCurrencyChanged', { amountMinor: 1100, currency: 'USD' }))
      .leaves({ amountMinor: 1100, currency: 'USD' });
  });
});

describe('line items', () => {
  const gears = fact('DealLineItemAdded', { lineItemId: id('gears'), name: 'Gears', quantity: 3, unitMinor: 333 });
  const levers = fact('DealLineItemAdded', {
    lineItemId: id('levers'),
    name: 'Levers',
    quantity: 1,
    unitMinor: 5,
    discountBp: 5000,
  });

  test('make the amount their sum', () => {
    given(salesPipeline, engine)
      .when(gears)
      .expects({ amountMinor: 999, currency: 'EUR' })
      .leaves({ amountMinor: 999 });
    given(salesPipeline, engine, gears).when(levers).leaves({ amountMinor: 1002 });
    given(salesPipeline, engine, gears, levers)
      .when(fact('DealLineItemChanged', { lineItemId: id('gears'), quantity: 1 }))
      .leaves({ amountMinor: 336, lineItems: [{ id: id('gears'), quantity: 1 }, { id: id('levers') }] });
    given(salesPipeline, engine, gears, levers)
      .when(fact('DealLineItemRemoved', { lineItemId: id('gears') }))
      .leaves({ amountMinor: 3, lineItems: [{ id: id('levers') }] });
    given(salesPipeline, engine, gears)
      .when(fact('DealLineItemRemoved', { lineItemId: id('gears') }))
      .leaves({ amountMinor: 0, lineItems: [] });
  });

  test('leave no other way to change the amount', () => {
    given(salesPipeline, engine, gears)
      .when(fact('DealAmountChanged', { amountMinor: 5 }))
      .refuses('invalid', 'data.amountMinor');
    given(salesPipeline, engine, gears)
      .when(fact('DealCurrencyChanged', { amountMinor: 5, currency: 'USD' }))
      .refuses('invalid', 'data.amountMinor');
  });

  test('are in one currency, which the first may bring', () => {
    const unpriced = fact('DealCreated', { name: 'Engine' });
    given(salesPipeline, unpriced).when(gears).refuses('invalid', 'data.currency');
    const inYen = { ...gears, data: { ...gears.data, currency: 'JPY' } };
    given(salesPipeline, unpriced).when(inYen).leaves({ amountMinor: 999, currency: 'JPY' });
    given(salesPipeline, unpriced, inYen)
      .when({ ...levers, data: { ...levers.data, currency: 'EUR' } })
      .refuses('invalid', 'data.currency');
  });

  test('are added once and changed only where they exist', () => {
    given(salesPipeline, engine, gears).when(gears).refuses('invalid', 'data.lineItemId');
    given(salesPipeline, engine)
      .when(fact('DealLineItemRemoved', { lineItemId: id('gears') }))
      .refuses('invalid', 'data.lineItemId');
    given(salesPipeline, engine)
      .when(fact('DealLineItemChanged', { lineItemId: id('gears'), quantity: 2 }))
      .refuses('invalid', 'data.lineItemId');
  });

  test('never make an amount that numbers cannot hold', () => {
    const huge = { lineItemId: id('huge'), name: 'Huge', quantity: 1_000_000_000, unitMinor: Number.MAX_SAFE_INTEGER };
    given(salesPipeline, engine).when(fact('DealLineItemAdded', huge)).refuses('invalid', 'data.unitMinor');
  });

  test('are at most a hundred', () => {
    const lines = Array.from({ length: 100 }, (_, index) =>
      fact('DealLineItemAdded', { lineItemId: id(`line ${index}`), name: 'Gear', quantity: 1, unitMinor: 1 }),
    );
    given(salesPipeline, engine, ...lines)
      .when(gears)
      .refuses('invalid', 'data.lineItemId');
  });
});
