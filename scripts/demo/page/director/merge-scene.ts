import { goOffline, goOnline, settle } from './settle.ts';
import { another, leadNamed } from './find.ts';
import type { Scene } from './scene.ts';

const LEAD = 'Nora Lindqvist';

export const mergeScene: Scene = {
  key: 'merge',
  title: 'Offline edits merge',
  point: 'Two people edit one lead without a network. Field by field the last word counts; nothing is lost.',
  steps: [
    {
      title: 'Both phones lose the network',
      play: async ({ ada, ben }) => {
        await goOffline(ada, ben);
        const { id } = await leadNamed(ada, LEAD);
        for (const phone of [ada, ben]) phone.view.set({ tab: 'leads', spotlight: id });
        return 'Both phones are in airplane mode. They go on working.';
      },
    },
    {
      title: `Ada edits ${LEAD}`,
      play: async ({ ada }) => {
        const lead = await leadNamed(ada, LEAD);
        const title = another(lead.title, 'Director of quality', 'Head of quality');
        const note = another(lead.note, 'Demo moved to Thursday.', 'Demo moved to Monday.');
        await ada.leadzen.leads.update(lead.id, { title, note });
        return `Ada changed the title to “${title}” and rewrote the note. Both wait in her outbox.`;
      },
    },
    {
      title: 'Ben edits the same lead, a moment later',
      play: async ({ ben }) => {
        const lead = await leadNamed(ben, LEAD);
        const note = another(lead.note, 'Bring the portable meter.', 'Bring two portable meters.');
        const priority = another(lead.priority, 'normal', 'high');
        await ben.leadzen.leads.update(lead.id, { note, priority });
        return `Ben rewrote the same note and set the priority to ${priority}. Neither knows of the other.`;
      },
    },
    {
      title: 'Ben comes back',
      play: async ({ ben }) => {
        await goOnline(ben);
        return 'Ben’s changes are in the log. Ada, still offline, sees nothing of them.';
      },
    },
    {
      title: 'Ada comes back',
      play: async ({ ada, ben }) => {
        await goOnline(ada);
        await settle(ben);
        const { title, note } = await leadNamed(ben, LEAD);
        return `Merged: “${title}” is Ada’s, “${note}” is Ben’s, who wrote it last. Ada’s note stays in the log, marked superseded.`;
      },
    },
  ],
};
