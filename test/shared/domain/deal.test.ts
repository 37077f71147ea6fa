import { describe, test } from 'vitest';
import { ACTOR, fact, given, id, malformed } from '../../support/given.ts';
import { partnerPipeline, salesPipeline } from '../../support/pipelines.ts';

const engine = fact('DealCreated', { name: 'Engine', amountMinor: 1000, currency: 'EUR' });
const won = fact('DealWon', { reason: 'price' });
const lost = fact('DealLost', { reason: 'price', competitor: 'Babbage & Sons' });
const toProposal = fact('DealStageChanged', { stageId: id('proposal') });

const CLOSED_AT = '2026-11-22T10:02:00.000Z';

describe('a new deal', () => {
  test("goes to the first stage of the workspace's first pipeline, with that stage's probability", () => {
    const placed = { pipelineId: id('pipeline'), stageId: id('qualification'), probabilityBp: 1000, outcome: 'open' };
    given(salesPipeline)
      .when(engine)
      .expects({ ...placed, ownerId: ACTOR })
      .leaves({ ...placed, forecastCategory: 'pipeline', closedAt: null });
  });

  test('goes to the first open stage that is not archived', () => {
    given(salesPipeline, fact('StageArchived', { stageId: id('qualification') }))
      .when(engine)
      .leaves({ stageId: id('proposal') });
  });

  test('goes where it says', () => {
    given(salesPipeline, partnerPipeline)
      .when(fact('DealCreated', { name: 'Engine', pipelineId: id('partners'), stageId: id('intro') }))
      .leaves({ pipelineId: id('partners'), stageId: id('intro'), probabilityBp: 2000 });
  });

  test('is refused in a stage of another pipeline', () => {
    given(salesPipeline, partnerPipeline)
      .when(fact('DealCreated', { name: 'Engine', stageId: id('intro') }))
      .refuses('invalid', 'data.stageId');
  });

  test('is refused in a won or lost stage', () => {
    given(salesPipeline)
      .when(fact('DealCreated', { name: 'Engine', stageId: id('won') }))
      .refuses('invalid', 'data.stageId');
    given(salesPipeline)
      .when(fact('DealCreated', { name: 'Engine', stageId: id('lost') }))
      .refuses('invalid', 'data.stageId');
  });

  test('is refused in a pipeline that does not exist', () => {
    given()
      .when(fact('DealCreated', { name: 'Engine', pipelineId: id('nowhere') }))
      .refuses('unknown_stream', 'data.pipelineId');
  });

  test('is refused where the workspace has no pipeline', () => {
    given()
      .when(fact('DealCreated', { name: 'Engine' }), { defaultPipelineId: undefined })
      .refuses('invalid', 'data.pipelineId');
  });

  test.each([
    ['a negative amount', { amountMinor: -1, currency: 'EUR' }, 'data.amountMinor'],
    ['an amount without a currency', { amountMinor: 1 }, 'data'],
    ['a close date that does not exist', { expectedCloseDate: '2026-02-30' }, 'data.expectedCloseDate'],
    ['the same contact twice', { contactIds: [id('a'), id('a')] }, 'data.contactIds'],
  ])('is refused with %s', (_what, data, path) => {
    given(salesPipeline)
      .when(malformed('DealCreated', { name: 'Engine', ...data }))
      .refuses('invalid', path);
  });
});

describe('the stage of an open deal', () => {
  test('brings its probability at the time, whatever the pipeline says later', () => {
    const raised = fact('StageChanged', { stageId: id('proposal'), probabilityBp: 6000 });
    given(salesPipeline, engine, raised)
      .when(toProposal)
      .expects({ pipelineId: id('pipeline'), probabilityBp: 6000 })
      .leaves({ stageId: id('proposal'), probabilityBp: 6000 });
    given(salesPipeline, engine, toProposal, raised)
      .when(fact('DealDetailsChanged', { name: 'Big engine' }))
      .leaves({ probabilityBp: 5000 });
  });

  test('belongs to its pipeline', () => {
    given(salesPipeline, partnerPipeline, engine)
      .when(fact('DealStageChanged', { stageId: id('intro') }))
      .refuses('invalid', 'data.stageId');
  });

  test('is not an archived one', () => {
    given(salesPipeline, engine, fact('StageArchived', { stageId: id('proposal') }))
      .when(toProposal)
      .refuses('invalid', 'data.stageId');
  });

  test('is won or lost by DealWon and DealLost alone', () => {
    for (const stageId of [id('won'), id('lost')]) {
      given(salesPipeline, engine).when(fact('DealStageChanged', { stageId })).refuses('invalid', 'data.stageId');
    }
  });

  test('moves with the pipeline', () => {
    given(salesPipeline, partnerPipeline, engine)
      .when(fact('DealMovedToPipeline', { pipelineId: id('partners'), stageId: id('intro') }))
      .leaves({ pipelineId: id('partners'), stageId: id('intro'), probabilityBp: 2000 });
    given(salesPipeline, partnerPipeline, engine)
      .when(fact('DealMovedToPipeline', { pipelineId: id('partners'), stageId: id('proposal') }))
      .refuses('invalid', 'data.stageId');
  });

  test('can be overridden in its probability, but never to 100 %', () => {
    given(salesPipeline, engine)
      .when(fact('DealProbabilityOverridden', { probabilityBp: 9000 }))
      .leaves({ probabilityBp: 9000, stageId: id('qualification') });
    given(salesPipeline, engine)
      .when(fact('DealProbabilityOverridden', { probabilityBp: 10_000 }))
      .refuses('invalid', 'data.probabilityBp');
  });
});

describe('a won deal', () => {
  test("is in the pipeline's won stage at 100 %, with its money as it stood", () => {
    given(salesPipeline, engine)
      .when(won)
      .expects({ stageId: id('won'), fromStageId: id('qualification'), amountMinor: 1000, currency: 'EUR' })
      .leaves({
        outcome: 'won',
        stageId: id('won'),
        probabilityBp: 10_000,
        forecastCategory: 'closed',
        reason: 'price',
        closedAt: CLOSED_AT,
      });
  });

  test('is closed when the data says, but not in the future', () => {
    given(salesPipeline, engine)
      .when(fact('DealWon', { closedAt: '2026-10-01T00:00:00Z' }))
      .leaves({ closedAt: '2026-10-01T00:00:00Z' });
    given(salesPipeline, engine)
      .when(fact('DealWon', { closedAt: '2026-11-22T10:03:01Z' }))
      .refuses('invalid', 'data.closedAt');
  });

  test('keeps its money, stage and probability until it is reopened', () => {
    for (const change of [
      fact('DealAmountChanged', { amountMinor: 1 }),
      fact('DealCurrencyChanged', { amountMinor: 1, currency: 'USD' }),
      fact('DealLineItemAdded', { lineItemId: id('line'), name: 'Gear', quantity: 1, unitMinor: 1 }),
      toProposal,
      fact('DealMovedToPipeline', { pipelineId: id('partners'), stageId: id('intro') }),
      fact('DealProbabilityOverridden', { probabilityBp: 1 }),
      fact('DealForecastCategoryChanged', { forecastCategory: 'commit' }),
      won,
      lost,
    ]) {
      given(salesPipeline, partnerPipeline, engine, won).when(change).refuses('invalid');
    }
  });

  test('still takes details, a new owner and its deletion', () => {
    for (const change of [
      fact('DealDetailsChanged', { name: 'Engine no. 1' }),
      fact('DealAssigned', { ownerId: null }),
      fact('DealDeleted', {}),
    ]) {
      given(salesPipeline, engine, won).when(change).leaves({ outcome: 'won' });
    }
  });
});

describe('a lost deal', () => {
  test('has a reason', () => {
    given(salesPipeline, engine).when(malformed('DealLost', {})).refuses('invalid', 'data.reason');
  });

  test("is in the pipeline's lost stage at 0 %, out of the forecast", () => {
    given(salesPipeline, engine)
      .when(lost)
      .expects({ fromStageId: id('qualification'), probabilityBp: 0 })
      .leaves({
        outcome: 'lost',
        stageId: id('lost'),
        probabilityBp: 0,
        forecastCategory: 'omitted',
        reason: 'price',
        competitor: 'Babbage & Sons',
        closedAt: CLOSED_AT,
      });
  });
});

describe('a reopened deal', () => {
  test('is open again and nothing of the closing stays', () => {
    given(salesPipeline, engine, lost)
      .when(fact('DealReopened', { stageId: id('proposal') }))
      .expects({ pipelineId: id('pipeline'), probabilityBp: 5000 })
      .leaves({
        outcome: 'open',
        stageId: id('proposal'),
        probabilityBp: 5000,
        forecastCategory: 'pipeline',
        reason: null,
        competitor: null,
        closedAt: null,
      });
  });

  test('takes changes of money and stage again', () => {
    given(salesPipeline, engine, won, fact('DealReopened', { stageId: id('proposal') }))
      .when(fact('DealAmountChanged', { amountMinor: 7 }))
      .leaves({ amountMinor: 7, currency: 'EUR' });
  });

  test('was closed before, and goes to an open stage', () => {
    given(salesPipeline, engine)
      .when(fact('DealReopened', { stageId: id('proposal') }))
      .refuses('invalid');
    given(salesPipeline, engine, won)
      .when(fact('DealReopened', { stageId: id('won') }))
      .refuses('invalid', 'data.stageId');
  });
});

describe('the contacts of a deal', () => {
  const contacts = ['ada', 'charles'].map((name) => fact('ContactCreated', { name }, { stream: id(name) }));
  const linked = fact('DealContactLinked', { contactId: id('ada') });

  test('are linked once each and unlinked', () => {
    given(...contacts, salesPipeline, engine, linked)
      .when(fact('DealContactLinked', { contactId: id('charles') }))
      .leaves({ contactIds: [id('ada'), id('charles')] });
    given(...contacts, salesPipeline, engine, linked)
      .when(linked)
      .leaves({ contactIds: [id('ada')] });
    given(...contacts, salesPipeline, engine, linked)
      .when(fact('DealContactUnlinked', { contactId: id('ada') }))
      .leaves({ contactIds: [] });
  });

  test('lose to a newer change of the same contact only', () => {
    const unlinkedLater = fact('DealContactUnlinked', { contactId: id('ada') }, { minute: 50 });
    given(...contacts, salesPipeline, engine, unlinkedLater)
      .when(linked)
      .loses('contactIds')
      .leaves({ contactIds: [] });
    given(...contacts, salesPipeline, engine, unlinkedLater)
      .when(fact('DealContactLinked', { contactId: id('charles') }, { minute: 40 }))
      .leaves({ contactIds: [id('charles')] });
  });
});
