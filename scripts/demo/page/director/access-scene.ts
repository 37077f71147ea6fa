import { count } from '../format.ts';
import { allDeals, allLeads } from './find.ts';
import type { Phone } from '../phone/phone.ts';
import type { Scene } from './scene.ts';
import { goOnline, settle } from './settle.ts';

const held = async (phone: Phone): Promise<string> =>
  `${count((await allDeals(phone)).length, 'deal')} and ${count((await allLeads(phone)).length, 'lead')}`;

export const accessScene: Scene = {
  key: 'access',
  title: 'Access revoked',
  point: 'Rights are judged at every answer. What somebody may no longer see leaves the phone.',
  steps: [
    {
      title: 'Both phones are online',
      play: async ({ ada, ben }) => {
        await goOnline(ada, ben);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'deals' });
        return `Ben’s phone holds ${await held(ben)}: everybody in this workspace sees everything.`;
      },
    },
    {
      title: 'The office lets people see their own records only',
      play: async ({ ada, ben, office }) => {
        const before = await held(ben);
        await office.changeSharing('owner');
        await settle(ada, ben);
        return `Ben’s phone held ${before}; now it holds ${await held(ben)}. Ada manages the team and still sees ${await held(ada)}.`;
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
  ],
};
