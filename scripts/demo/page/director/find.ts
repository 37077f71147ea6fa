import type { Deal, Lead } from '../../../../src/client/index.ts';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import type { Phone } from '../phone/phone.ts';

const ALL = 1000;

const must = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw new Error(`${what} is not on this phone any more: play another scene`);
  return found;
};

export const allDeals = async ({ leadzen }: Phone): Promise<readonly Deal[]> =>
  (await leadzen.deals.list({ limit: ALL })).items;
export const allLeads = async ({ leadzen }: Phone): Promise<readonly Lead[]> =>
  (await leadzen.leads.list({ limit: ALL })).items;

/** The first deal that somebody may work on, those named first. */
export const openDeal = async (phone: Phone, ...names: readonly string[]): Promise<Deal> => {
  const open = (await allDeals(phone)).filter(({ outcome }) => outcome === 'open');
  const named = names.flatMap((name) => open.find((deal) => deal.name === name) ?? []);
  return must(named[0] ?? open[0], 'an open deal');
};

export const leadNamed = async (phone: Phone, name: string): Promise<Lead> =>
  must(
    (await allLeads(phone)).find((lead) => lead.name === name),
    name,
  );

export interface StageInUse {
  readonly pipelineId: Uuid;
  readonly id: Uuid;
  readonly name: string;
}

/** The stages that take open deals. */
export const openStages = async ({ leadzen }: Phone): Promise<readonly StageInUse[]> =>
  (await leadzen.pipelines.list({ limit: 10 })).items.flatMap(({ id: pipelineId, stages }) =>
    stages
      .filter(({ kind, archivedAt }) => kind === 'open' && archivedAt === null)
      .map(({ id, name }) => ({ pipelineId, id, name })),
  );

export const stageNamed = async (phone: Phone, name: string): Promise<StageInUse> =>
  must(
    (await openStages(phone)).findLast((stage) => stage.name === name),
    `the stage ${name}`,
  );

/** The first of these values that is not the present one, so that a scene can be played again. */
export const another = <T>(present: T | null | undefined, first: T, ...others: readonly T[]): T =>
  [first, ...others].find((value) => value !== present) ?? first;
