import { fact, id } from './given.ts';

/** A pipeline whose stages are called like their ids. */
export const salesPipeline = fact('PipelineCreated', {
  name: 'Sales',
  stages: [
    { id: id('qualification'), name: 'Qualification', kind: 'open', probabilityBp: 1000 },
    { id: id('proposal'), name: 'Proposal', kind: 'open', probabilityBp: 5000 },
    { id: id('won'), name: 'Won', kind: 'won' },
    { id: id('lost'), name: 'Lost', kind: 'lost' },
  ],
});

/** A second one. */
export const partnerPipeline = fact(
  'PipelineCreated',
  {
    name: 'Partners',
    stages: [
      { id: id('intro'), name: 'Intro', kind: 'open', probabilityBp: 2000 },
      { id: id('signed'), name: 'Signed', kind: 'won' },
      { id: id('declined'), name: 'Declined', kind: 'lost' },
    ],
  },
  { stream: id('partners') },
);
