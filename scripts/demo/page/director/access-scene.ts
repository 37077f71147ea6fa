import { count } from '../format.ts';
import { allDeals, allLeads, another, openDeal } from './find.ts';
import type { Phone } from '../phone/phone.ts';
import type { Scene } from './scene.ts';
import { goOffline, goOnline, settle } from './settle.ts';

const DEAL = 'Cold-chain sensors';

const held = async (phone: Phone): Promise<string> =>
  `${count((await allDeals(phone)).length, 'deal')} and ${count((await allLeads(phone)).length, 'lead')}`;

export const accessScene: Scene = {
  key: 'access',
  title: 'Access revoked',
  point: 'Rights are judged at every answer. What somebody may no longer see leaves the phone.',
  steps: [
    {
      title: 'Ben, offline, edits a deal of Ada’s',
      play: async ({ ada, ben }) => {
        await goOnline(ada);
        await goOffline(ben);
        const deal = await openDeal(ben, DEAL);
        const expectedCloseDate = another(deal.expectedCloseDate, '2027-03-31', '2027-04-30');
        await ben.leadzen.deals.update(deal.id, { expectedCloseDate });
        ben.view.set({ tab: 'deals', spotlight: deal.id });
        ada.view.set({ tab: 'deals', spotlight: deal.id });
        return `Everybody sees everything: Ben holds ${await held(ben)}, and moved the close date of ${deal.name ?? DEAL}.`;
      },
    },
    {
      title: 'The office lets people see their own records only',
      play: async ({ ada, office }) => {
        await office.changeSharing('owner');
        await settle(ada);
        return `Ada manages the team and still sees ${await held(ada)}. Ben’s phone is offline and does not know yet.`;
      },
    },
    {
      title: 'Ben comes back',
      play: async ({ ben }) => {
        await goOnline(ben);
        const refused = (await ben.leadzen.refused.list()).length;
        const fate = refused > 0 ? ' His edit was refused, and waits in his inbox.' : '';
        return `What Ben may no longer see has left his phone: ${await held(ben)} remain.${fate}`;
      },
    },
    {
      title: 'The office opens the workspace again',
      play: async ({ ada, ben, office }) => {
        await office.changeSharing('everyone');
        await settle(ada, ben);
        return `Everything is back on Ben’s phone: ${await held(ben)}.`;
      },
    },
    {
      title: 'Ben sends his edit again',
      play: async ({ ada, ben }) => {
        const [refused] = await ben.leadzen.refused.list();
        if (refused === undefined) return 'The inbox is empty: somebody has seen to it.';
        await ben.leadzen.refused.resend(refused.id);
        await settle(ben, ada);
        ben.view.set({ tab: 'deals', spotlight: refused.stream.id });
        return 'Now he may: the new close date is on both phones.';
      },
    },
  ],
};
