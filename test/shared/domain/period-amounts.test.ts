import { describe, test } from 'vitest';
import { ACTOR, fact, given, id, malformed } from '../../support/given.ts';

const rate = { base: 'EUR', quote: 'USD', rate: '1.0825', asOf: '2026-03-31' };
const quarter = { periodStart: '2026-01-01', periodEnd: '2026-04-01', amountMinor: 500_000, currency: 'USD' };
const ada = fact('UserInvited', { name: 'Ada', role: 'rep' }, { stream: id('ada') });
const north = fact('TeamCreated', { name: 'North' }, { stream: id('north') });

describe('an exchange rate', () => {
  test('keeps its decimals as they were sent', () => {
    given().when(fact('ExchangeRateRecorded', rate)).leaves(rate);
    given()
      .when(fact('ExchangeRateRecorded', { ...rate, rate: '0.000000000001' }))
      .leaves({ rate: '0.000000000001' });
  });

  test.each([
    ['a number, which loses digits', { rate: 1.0825 }],
    ['nothing for a unit', { rate: '0.000' }],
    ['less than nothing', { rate: '-1' }],
    ['an exponent', { rate: '1e3' }],
    ['thirteen decimals', { rate: '0.1234567890123' }],
    ['ten digits before the point', { rate: '1234567890' }],
    ['a comma', { rate: '1,08' }],
  ])('is refused with %s', (_what, wrong) => {
    given()
      .when(malformed('ExchangeRateRecorded', { ...rate, ...wrong }))
      .refuses('invalid', 'data.rate');
  });

  test('is between two currencies of ISO 4217', () => {
    given()
      .when(fact('ExchangeRateRecorded', { ...rate, quote: 'EUR' }))
      .refuses('invalid', 'data.quote');
    given()
      .when(malformed('ExchangeRateRecorded', { ...rate, base: 'EUX' }))
      .refuses('invalid', 'data.base');
  });

  test('is never changed: a correction is a rate of its own', () => {
    given(fact('ExchangeRateRecorded', rate))
      .when(fact('ExchangeRateRecorded', { ...rate, rate: '1.09' }))
      .refuses('invalid');
  });
});

describe('a quota', () => {
  test('is a person’s, a team’s or the workspace’s', () => {
    given(ada)
      .when(fact('QuotaSet', { ...quarter, ownerId: id('ada') }))
      .leaves({ ownerId: id('ada'), teamId: null });
    given(north)
      .when(fact('QuotaSet', { ...quarter, teamId: id('north') }))
      .leaves({ ownerId: null, teamId: id('north') });
    given().when(fact('QuotaSet', quarter)).leaves({ ownerId: null, teamId: null });
  });

  test('is not a person’s and a team’s at once', () => {
    given(ada, north)
      .when(fact('QuotaSet', { ...quarter, ownerId: id('ada'), teamId: id('north') }))
      .refuses('invalid', 'data.teamId');
  });

  test('names people and teams that exist', () => {
    given()
      .when(fact('QuotaSet', { ...quarter, ownerId: id('ada') }))
      .refuses('unknown_stream', 'data.ownerId');
  });

  test('has a period of a day at least', () => {
    given()
      .when(fact('QuotaSet', { ...quarter, periodEnd: quarter.periodStart }))
      .refuses('invalid', 'data.periodEnd');
  });
});

describe('a forecast', () => {
  test('is its author’s own where it names nobody', () => {
    given()
      .when(fact('ForecastSubmitted', { ...quarter, note: 'Two big ones are safe' }))
      .leaves({ ownerId: ACTOR, teamId: null, submittedBy: ACTOR, note: 'Two big ones are safe' });
  });

  test('for somebody below says who submitted it', () => {
    given(ada)
      .when(fact('ForecastSubmitted', { ...quarter, ownerId: id('ada') }))
      .leaves({ ownerId: id('ada'), submittedBy: ACTOR });
    given(north)
      .when(fact('ForecastSubmitted', { ...quarter, teamId: id('north') }))
      .leaves({ ownerId: null, teamId: id('north') });
  });
});
