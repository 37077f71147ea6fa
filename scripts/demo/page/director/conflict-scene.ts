import { money } from '../format.ts';
import { another, openDeal } from './find.ts';
import type { Scene } from './scene.ts';
import { goOffline, goOnline, settle } from './settle.ts';

const DEAL = 'Five-year service plan';

export const conflictScene: Scene = {
  key: 'conflict',
  title: 'A conflict, settled',
  point: 'Two prices for one deal. About money the last write does not win: people are asked.',
  steps: [
    {
      title: 'Both phones lose the network',
      play: async ({ ada, ben }) => {
        await goOffline(ada, ben);
        const { id } = await openDeal(ada, DEAL);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'deals', spotlight: id });
        return 'Both phones are offline and show the same price.';
      },
    },
    {
      title: 'Ada raises the price',
      play: async ({ ada }) => {
        const deal = await openDeal(ada, DEAL);
        const amountMinor = another(deal.amountMinor, 9_150_000, 9_480_000);
        await ada.leadzen.deals.update(deal.id, { amountMinor });
        return `Ada changed ${deal.name ?? DEAL} to ${money(amountMinor, deal.currency)}.`;
      },
    },
    {
      title: 'Ben lowers it',
      play: async ({ ben }) => {
        const deal = await openDeal(ben, DEAL);
        const amountMinor = another(deal.amountMinor, 8_200_000, 7_950_000);
        await ben.leadzen.deals.update(deal.id, { amountMinor });
        return `Ben changed it to ${money(amountMinor, deal.currency)}.`;
      },
    },
    {
      title: 'Both come back, Ada first',
      play: async ({ ada, ben }) => {
        await goOnline(ada);
        await goOnline(ben);
        await settle(ada);
        const open = await ben.leadzen.conflicts.list();
        if (open.length === 0) return 'Ben’s price was taken: this server does not ask about money.';
        for (const phone of [ada, ben]) phone.view.set({ tab: 'inbox' });
        return 'Ada’s price stands, Ben’s was not thrown away: the question is in both inboxes.';
      },
    },
    {
      title: 'Ada decides for Ben’s price',
      play: async ({ ada, ben }) => {
        const [conflict] = await ada.leadzen.conflicts.list();
        if (conflict === undefined) return 'There is no question left: somebody has settled it.';
        await ada.leadzen.conflicts.resolve(conflict.id, 'proposed');
        await settle(ada, ben);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'deals', spotlight: conflict.stream.id });
        return 'Settled once, for everybody. The question, both prices and the decision are in the log.';
      },
    },
  ],
};
