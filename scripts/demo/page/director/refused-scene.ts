import { openDeal, openStages, stageNamed } from './find.ts';
import type { Scene } from './scene.ts';
import { goOffline, goOnline, settle } from './settle.ts';

const DEAL = 'Taste-lab renewal';
const STAGE = 'Legal review';

export const refusedScene: Scene = {
  key: 'refused',
  title: 'A refused event',
  point: 'What the server cannot take comes back to its author, with the reason, to be edited and sent again.',
  steps: [
    {
      title: `The office adds the stage ${STAGE}`,
      play: async ({ ada, ben, office }) => {
        await goOnline(ada, ben);
        const [first] = await openStages(ada);
        if (first === undefined) throw new Error('there is no pipeline on this phone');
        await office.addStage(first.pipelineId, STAGE);
        await settle(ada, ben);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'deals' });
        return `Both phones know the stage ${STAGE}.`;
      },
    },
    {
      title: 'Ben, offline, moves a deal there',
      play: async ({ ada, ben }) => {
        await goOffline(ben);
        const deal = await openDeal(ben, DEAL);
        const stage = await stageNamed(ben, STAGE);
        await ben.leadzen.deals.changeStage(deal.id, stage.id);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'deals', spotlight: deal.id });
        return `Ben’s phone shows ${deal.name ?? DEAL} in ${STAGE}. By all that it knows this is right.`;
      },
    },
    {
      title: 'Meanwhile the office takes the stage out of use',
      play: async ({ ada, office }) => {
        const stage = await stageNamed(ada, STAGE);
        await office.archiveStage(stage.pipelineId, stage.id);
        await settle(ada);
        return `${STAGE} takes no more deals. Ben cannot know.`;
      },
    },
    {
      title: 'Ben comes back',
      play: async ({ ben }) => {
        await goOnline(ben);
        const [refused] = await ben.leadzen.refused.list();
        if (refused === undefined) return 'Nothing was refused.';
        ben.view.set({ tab: 'inbox' });
        return 'Refused, with the reason. Ben’s change is not lost: it waits in his inbox for another try.';
      },
    },
    {
      title: 'Ben picks another stage and sends it again',
      play: async ({ ada, ben }) => {
        const [refused] = await ben.leadzen.refused.list();
        if (refused === undefined) return 'The inbox is empty: somebody has seen to it.';
        const stage = (await openStages(ben)).at(-1);
        if (stage === undefined) throw new Error('there is no stage to choose');
        await ben.leadzen.refused.resend(refused.id, { ...refused.data, stageId: stage.id });
        await settle(ben, ada);
        ben.view.set({ tab: 'deals', spotlight: refused.stream.id });
        return `Sent again as a new event: the deal is in ${stage.name} on both phones.`;
      },
    },
  ],
};
