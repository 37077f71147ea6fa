import type { DealState } from '../src/shared/contract/events/deal.ts';
import type { Row, Table } from './projection.ts';
import type { RecordOf } from './record.ts';
import { weightedMinor } from './weighted.ts';

export const pipelineBoardTable: Table = {
  name: 'pipeline_board',
  comment: 'The open deals, with what a board and a weighted pipeline need. One row an open deal.',
  columns: {
    deal_id: { type: 'uuid not null', comment: 'The deal.' },
    pipeline_id: { type: 'uuid', comment: 'Its pipeline.' },
    stage_id: { type: 'uuid', comment: 'Its stage.' },
    name: { type: 'text', comment: 'Its name.' },
    company_id: { type: 'uuid', comment: 'The company it is made with.' },
    source: { type: 'text', comment: 'Where it came from.' },
    source_lead_id: { type: 'uuid', comment: 'The lead it came from.' },
    owner_id: { type: 'uuid', comment: 'The user who owns it; null: the unassigned pool.' },
    team_id: { type: 'uuid', comment: 'The team it belongs to.' },
    amount_minor: { type: 'bigint', comment: 'The amount, in minor units of the currency.' },
    currency: { type: 'text', comment: 'The ISO 4217 code of the amount.' },
    probability_bp: { type: 'integer not null', comment: 'The probability in basis points: 2500 is 25 %.' },
    weighted_minor: {
      type: 'numeric(24, 4)',
      comment: 'Amount × probability in minor units, exact: sum first, then round once.',
    },
    forecast_category: { type: 'text not null', comment: 'pipeline, best_case, commit, closed or omitted.' },
    expected_close_date: { type: 'date', comment: 'The day it is expected to close.' },
    stage_entered_at: { type: 'timestamptz not null', comment: 'When it came into its stage.' },
    created_at: { type: 'timestamptz not null', comment: 'When it was created.' },
    root_id: { type: 'uuid not null', comment: 'The record whose scope decides who sees it.', internal: true },
  },
  primaryKey: ['deal_id'],
  indexes: ['pipeline_id, stage_id'],
};

/** None for a deal that is closed or deleted. */
export const pipelineBoardRows = (deal: RecordOf<DealState>, stageEnteredAt: string): Row[] => {
  if (deal.outcome !== 'open' || deal.deletedAt !== null) return [];
  return [
    {
      deal_id: deal.id,
      pipeline_id: deal.pipelineId,
      stage_id: deal.stageId,
      name: deal.name,
      company_id: deal.companyId,
      source: deal.source,
      source_lead_id: deal.sourceLeadId,
      owner_id: deal.ownerId,
      team_id: deal.teamId,
      amount_minor: deal.amountMinor,
      currency: deal.currency,
      probability_bp: deal.probabilityBp,
      weighted_minor: weightedMinor(deal.amountMinor, deal.probabilityBp),
      forecast_category: deal.forecastCategory,
      expected_close_date: deal.expectedCloseDate,
      stage_entered_at: stageEnteredAt,
      created_at: deal.createdAt,
      root_id: deal.id,
    },
  ];
};
