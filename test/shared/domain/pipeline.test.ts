import { describe, expect, test } from 'vitest';
import { defaultPipeline } from '../../../src/shared/domain/default-pipeline.ts';
import { fact, given, id, malformed } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

type Kind = 'open' | 'won' | 'lost';
const stage = (name: string, kind: Kind, probabilityBp?: number) =>
  probabilityBp === undefined ? { id: id(name), name, kind } : { id: id(name), name, kind, probabilityBp };
const OPEN = stage('open', 'open', 1000);
const WON = stage('won', 'won');
const LOST = stage('lost', 'lost');

describe('a new pipeline', () => {
  test('fills in what follows from the kind of a stage', () => {
    given()
      .when(salesPipeline)
      .leaves({
        stages: [
          { name: 'Qualification', kind: 'open', probabilityBp: 1000, rottenAfterDays: null, archivedAt: null },
          { name: 'Proposal', probabilityBp: 5000 },
          { name: 'Won', kind: 'won', probabilityBp: 10_000 },
          { name: 'Lost', kind: 'lost', probabilityBp: 0 },
        ],
      });
  });

  test.each([
    ['no won stage', [OPEN, LOST]],
    ['two won stages', [OPEN, WON, stage('won2', 'won'), LOST]],
    ['no lost stage', [OPEN, WON]],
    ['no open stage', [WON, LOST]],
    ['the same stage twice', [OPEN, OPEN, WON, LOST]],
  ])('is refused with %s', (_what, stages) => {
    given()
      .when(fact('PipelineCreated', { name: 'Sales', stages }))
      .refuses('invalid', 'data.stages');
  });

  test.each([
    ['an open stage without a probability', [stage('open', 'open'), WON, LOST], 0],
    ['an open stage at 100 %', [stage('open', 'open', 10_000), WON, LOST], 0],
    ['a won stage below 100 %', [OPEN, stage('won', 'won', 9999), LOST], 1],
    ['a lost stage above 0 %', [OPEN, WON, stage('lost', 'lost', 1)], 2],
  ])('is refused with %s', (_what, stages, index) => {
    given()
      .when(fact('PipelineCreated', { name: 'Sales', stages }))
      .refuses('invalid', `data.stages.${index}.probabilityBp`);
  });

  test('has stages', () => {
    given()
      .when(malformed('PipelineCreated', { name: 'Sales', stages: [] }))
      .refuses('invalid', 'data.stages');
  });

  test('of a new workspace is valid and has the probabilities of the design', () => {
    let count = 0;
    const data = defaultPipeline(() => id(`stage${(count += 1)}`));
    given().when(fact('PipelineCreated', data)).leaves({ name: 'Sales' });
    expect(data.stages.map(({ name, probabilityBp }) => [name, probabilityBp])).toEqual([
      ['Qualification', 1000],
      ['Discovery', 2500],
      ['Proposal', 5000],
      ['Negotiation', 7500],
      ['Won', 10_000],
      ['Lost', 0],
    ]);
  });
});

describe('the stages of a pipeline', () => {
  const added = fact('StageAdded', { stageId: id('demo'), name: 'Demo', kind: 'open', probabilityBp: 3000 });

  test('grow behind the open ones or where the event says', () => {
    given(salesPipeline)
      .when(added)
      .expects({ index: 2, probabilityBp: 3000 })
      .leaves({ stages: [{}, {}, { name: 'Demo' }, { name: 'Won' }, { name: 'Lost' }] });
    given(salesPipeline)
      .when({ ...added, data: { ...added.data, index: 0 } })
      .leaves({ stages: [{ name: 'Demo' }, {}, {}, {}, {}] });
    given(salesPipeline)
      .when(fact('StageAdded', { stageId: id('gone'), name: 'Gone', kind: 'lost' }))
      .leaves({ stages: [{}, {}, {}, {}, { name: 'Gone', probabilityBp: 0 }] });
  });

  test('have one won stage for ever', () => {
    given(salesPipeline)
      .when(fact('StageAdded', { stageId: id('won2'), name: 'Won again', kind: 'won' }))
      .refuses('invalid', 'data.kind');
    given(salesPipeline)
      .when(fact('StageArchived', { stageId: id('won') }))
      .refuses('invalid', 'data.stageId');
    given(salesPipeline)
      .when(fact('StageChanged', { stageId: id('won'), probabilityBp: 5000 }))
      .refuses('invalid', 'data.probabilityBp');
  });

  test('are added once', () => {
    given(salesPipeline, added).when(added).refuses('invalid', 'data.stageId');
  });

  test('change their name, probability and limit', () => {
    given(salesPipeline)
      .when(fact('StageChanged', { stageId: id('proposal'), name: 'Offer', rottenAfterDays: 14 }))
      .leaves({ stages: [{}, { name: 'Offer', probabilityBp: 5000, rottenAfterDays: 14 }, {}, {}] });
    given(salesPipeline)
      .when(fact('StageChanged', { stageId: id('proposal'), probabilityBp: 10_000 }))
      .refuses('invalid', 'data.probabilityBp');
    given(salesPipeline)
      .when(fact('StageChanged', { stageId: id('nowhere'), name: 'Offer' }))
      .refuses('invalid', 'data.stageId');
  });

  test('are put in order; those that the order leaves out stay behind', () => {
    given(salesPipeline)
      .when(fact('StagesReordered', { stageIds: [id('lost'), id('proposal')] }))
      .leaves({ stages: [{ name: 'Lost' }, { name: 'Proposal' }, { name: 'Qualification' }, { name: 'Won' }] });
    given(salesPipeline)
      .when(fact('StagesReordered', { stageIds: [id('nowhere')] }))
      .refuses('invalid', 'data.stageIds');
  });

  test('are archived with one left of each kind', () => {
    const archived = fact('StageArchived', { stageId: id('proposal') });
    given(salesPipeline)
      .when(archived)
      .leaves({ stages: [{}, { archivedAt: '2026-11-22T10:01:00.000Z' }, {}, {}] });
    given(salesPipeline, archived).when(archived).refuses('invalid', 'data.stageId');
    given(salesPipeline, archived)
      .when(fact('StageArchived', { stageId: id('qualification') }))
      .refuses('invalid', 'data.stageId');
  });
});
