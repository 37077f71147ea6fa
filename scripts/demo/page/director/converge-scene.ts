import { another, allDeals, allLeads, leadNamed, openDeal, openStages } from './find.ts';
import type { Scene } from './scene.ts';
import { goOffline, goOnline, settle } from './settle.ts';

const NEW_LEADS = ['Ingrid Solberg', 'Mateo Quispe', 'Hanna Virtanen', 'Kofi Mensah'];
const NEW_DEALS = ['Spare electrodes', 'Filter subscription', 'Autumn recalibration', 'Sampling robot'];

const unused = (names: readonly string[], taken: readonly (string | null)[]): string =>
  names.find((name) => !taken.includes(name)) ?? `${names[0] ?? ''} ${taken.length}`;

export const convergeScene: Scene = {
  key: 'converge',
  title: 'Apart, then equal',
  point: 'A day apart, in different orders. After the last exchange both phones and the server hold the same.',
  steps: [
    {
      title: 'Both phones lose the network',
      play: async ({ ada, ben }) => {
        await goOffline(ada, ben);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'deals' });
        return 'The two fingerprints at the top are still the same. Watch them part ways.';
      },
    },
    {
      title: 'Ada works through her list',
      play: async ({ ada }) => {
        const { deals, leads } = ada.leadzen;
        const deal = await openDeal(ada, 'Gripper calibration');
        const stages = await openStages(ada);
        const elsewhere = stages.findLast(({ id }) => id !== deal.stageId);
        if (elsewhere !== undefined) await deals.changeStage(deal.id, elsewhere.id);
        ada.view.set({ tab: 'deals', spotlight: deal.id });
        const name = unused(
          NEW_LEADS,
          (await allLeads(ada)).map((lead) => lead.name),
        );
        await leads.create({ name, companyName: 'Fjellvann', title: 'Laboratory manager', source: 'Referral' });
        const tomas = await leadNamed(ada, 'Tomás Arriaga');
        await leads.update(tomas.id, { status: another(tomas.status, 'contacted', 'new') });
        return `Ada moved a deal, added the lead ${name} and called Tomás back. All of it offline.`;
      },
    },
    {
      title: 'Ben works through his',
      play: async ({ ben }) => {
        const { deals, leads } = ben.leadzen;
        const name = unused(
          NEW_DEALS,
          (await allDeals(ben)).map((deal) => deal.name),
        );
        const created = await deals.create({ name, amountMinor: 1_280_000, currency: 'EUR' });
        ben.view.set({ tab: 'deals', spotlight: created.id });
        const deal = await openDeal(ben, 'Portable meters', 'Portable meters, 40 sites');
        await deals.update(deal.id, { name: another(deal.name, 'Portable meters, 40 sites', 'Portable meters') });
        const samir = await leadNamed(ben, 'Samir Haddad');
        await leads.update(samir.id, { note: another(samir.note, 'Down to two vendors.', 'Compares three vendors.') });
        return `Ben added the deal ${name}, renamed another and wrote a note.`;
      },
    },
    {
      title: 'Both come back',
      play: async ({ ada, ben }) => {
        await goOnline(ben);
        await goOnline(ada);
        await settle(ben);
        return 'Each sent its own and received the other’s. The fingerprints are the same again.';
      },
    },
  ],
};
