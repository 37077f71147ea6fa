import type { Uuid } from '../src/shared/base/ids.ts';
import type { Json } from '../src/shared/base/json.ts';
import type { DealState } from '../src/shared/contract/events/deal.ts';
import { type Moment, type Point, type Points, sameIn } from './history.ts';

/** What the history of a deal follows. */
export interface DealFields {
  readonly pipelineId: Uuid | null;
  readonly stageId: Uuid | null;
  readonly outcome: DealState['outcome'];
  readonly probabilityBp: number;
  readonly forecastCategory: string;
  readonly closedAt: string | null;
  readonly reason: string | null;
  readonly competitor: string | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly expectedCloseDate: string | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  readonly companyId: Uuid | null;
  readonly source: string | null;
  readonly deletedAt: string | null;
}
export type DealMoment = DealFields & Moment;
export type DealPoint = Point<DealMoment>;
export type DealPoints = Points<DealMoment>;

/** Before its first event. */
export const NO_DEAL: DealMoment = {
  pipelineId: null,
  stageId: null,
  outcome: 'open',
  probabilityBp: 0,
  forecastCategory: 'pipeline',
  closedAt: null,
  reason: null,
  competitor: null,
  amountMinor: null,
  currency: null,
  expectedCloseDate: null,
  ownerId: null,
  teamId: null,
  companyId: null,
  source: null,
  deletedAt: null,
};
const FOLLOWED = Object.keys(NO_DEAL) as (keyof DealFields)[];

export const sameDeal = sameIn<DealFields>(NO_DEAL);

/** What the history follows of a deal. */
export const momentOf = (deal: DealState): DealMoment => {
  const moment: Record<string, Json> = {};
  for (const field of FOLLOWED) moment[field] = deal[field];
  return moment as unknown as DealMoment;
};
