import type { Uuid } from '../src/shared/base/ids.ts';
import type { ClosingFacts } from '../src/shared/contract/events/conflict.ts';
import type { DealState } from '../src/shared/contract/events/deal.ts';
import { closedIn } from './occurrence.ts';
import type { FoldedEvent, Row, Table } from './projection.ts';
import type { RecordOf } from './record.ts';

const MS_PER_DAY = 86_400_000;

export const salesMetricsTable: Table = {
  name: 'sales_metrics',
  comment: 'The last closing of every deal that was ever won or lost, as it stood then. One row a deal.',
  columns: {
    deal_id: { type: 'uuid not null', comment: 'The deal.' },
    outcome: { type: 'text not null', comment: 'How it last closed: won or lost.' },
    closed_at: { type: 'timestamptz not null', comment: 'When it last closed; never before the deal was created.' },
    closed_position: { type: 'bigint not null', comment: 'The position that recorded the closing.' },
    reopened: { type: 'boolean not null', comment: 'Whether it is open again since.' },
    amount_minor: { type: 'bigint', comment: 'The amount at the closing, in minor units of the currency.' },
    currency: { type: 'text', comment: 'The ISO 4217 code of the amount.' },
    base_amount_minor: {
      type: 'bigint',
      comment: 'The same in the base currency of then, by the rate of then; null: no amount, or no rate was known.',
    },
    base_currency: { type: 'text', comment: 'The workspace’s base currency at the closing.' },
    fx_rate: {
      type: 'numeric',
      comment: 'Units of the base currency for one of currency, at the closing; null where both are the same.',
    },
    fx_as_of: { type: 'date', comment: 'The day of that rate.' },
    owner_id: { type: 'uuid', comment: 'The user who owned it at the closing.' },
    team_id: { type: 'uuid', comment: 'The team it belonged to at the closing.' },
    pipeline_id: { type: 'uuid', comment: 'The pipeline it closed in.' },
    from_stage_id: { type: 'uuid', comment: 'The stage it was won or lost from.' },
    reason: { type: 'text', comment: 'Why it was won or lost.' },
    competitor: { type: 'text', comment: 'Whom it was lost to.' },
    created_at: { type: 'timestamptz not null', comment: 'When the deal was created.' },
    cycle_ms: { type: 'bigint not null', comment: 'closed_at − created_at in milliseconds, exact.' },
    cycle_days: { type: 'numeric(14, 6) not null', comment: 'closed_at − created_at in days.' },
    source: { type: 'text', comment: 'Where the deal came from.' },
    company_id: { type: 'uuid', comment: 'The company it was made with.' },
    source_lead_id: { type: 'uuid', comment: 'The lead it came from.' },
    root_id: { type: 'uuid not null', comment: 'The record whose scope decides who sees it.', internal: true },
    deleted: { type: 'boolean not null', comment: 'Whether the deal is deleted by now.', internal: true },
  },
  primaryKey: ['deal_id'],
  indexes: ['closed_at'],
  shown: 'not deleted',
};

/** A deal's last closing: what later changes of the deal no longer touch. */
export interface DealClosing {
  readonly outcome: 'won' | 'lost';
  readonly closedAt: string;
  readonly position: number;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly baseAmountMinor: number | null;
  readonly baseCurrency: string | null;
  readonly fxRate: string | null;
  readonly fxAsOf: string | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  readonly pipelineId: Uuid | null;
  readonly fromStageId: Uuid | null;
  readonly reason: string | null;
  readonly competitor: string | null;
}

/** What was frozen by an event that won or lost the deal, or by a resolution that did. */
const closingFacts = ({ type, data }: FoldedEvent): ClosingFacts | undefined => {
  if (type === 'DealWon' || type === 'DealLost') return data as unknown as ClosingFacts;
  return type === 'ConflictResolved' ? (data['closing'] as unknown as ClosingFacts | undefined) : undefined;
};

/** The closing that an event makes of a deal; undefined where it makes none, or lost against a newer change. */
export const closingOf = (event: FoldedEvent, deal: RecordOf<DealState>): DealClosing | undefined => {
  const facts = closingFacts(event);
  if (facts === undefined || deal.outcome === 'open' || deal.closedAt === null) return undefined;
  if (event.superseded.includes('outcome')) return undefined;
  return {
    outcome: deal.outcome,
    closedAt: deal.closedAt,
    position: event.position,
    amountMinor: facts.amountMinor,
    currency: facts.currency,
    // Closings from before rates were recorded have none of these.
    baseAmountMinor: facts.baseAmountMinor ?? null,
    baseCurrency: facts.baseCurrency ?? null,
    fxRate: facts.fxRate ?? null,
    fxAsOf: facts.fxAsOf ?? null,
    ownerId: deal.ownerId,
    teamId: deal.teamId,
    pipelineId: deal.pipelineId,
    fromStageId: facts.fromStageId,
    reason: deal.reason,
    competitor: deal.competitor,
  };
};

export const salesMetricsRows = (deal: RecordOf<DealState>, closing: DealClosing | null): Row[] => {
  if (closing === null) return [];
  const closedAt = closedIn(closing.closedAt, deal.createdAt);
  const cycleMs = Date.parse(closedAt) - Date.parse(deal.createdAt);
  return [
    {
      deal_id: deal.id,
      outcome: closing.outcome,
      closed_at: closedAt,
      closed_position: closing.position,
      reopened: deal.outcome === 'open',
      amount_minor: closing.amountMinor,
      currency: closing.currency,
      base_amount_minor: closing.baseAmountMinor,
      base_currency: closing.baseCurrency,
      fx_rate: closing.fxRate,
      fx_as_of: closing.fxAsOf,
      owner_id: closing.ownerId,
      team_id: closing.teamId,
      pipeline_id: closing.pipelineId,
      from_stage_id: closing.fromStageId,
      reason: closing.reason,
      competitor: closing.competitor,
      created_at: deal.createdAt,
      cycle_ms: cycleMs,
      cycle_days: (cycleMs / MS_PER_DAY).toFixed(6),
      source: deal.source,
      company_id: deal.companyId,
      source_lead_id: deal.sourceLeadId,
      root_id: deal.id,
      deleted: deal.deletedAt !== null,
    },
  ];
};
