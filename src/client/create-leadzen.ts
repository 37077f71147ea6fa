import { adopt } from './adopt/adopt.ts';
import type { LeadZen, LeadZenOptions, SyncReport, Unsubscribe } from './api.ts';
import type { Changes } from './changes.ts';
import { createEngine, STATUS, type Engine } from './engine.ts';
import { conflictInboxOf } from './local/conflict-inbox.ts';
import { refusedInboxOf } from './local/refused-inbox.ts';
import { draftsOf, settingsOf } from './local/values.ts';
import { Refusal } from './refusal.ts';
import { RESOURCE_TYPES, resourcesOf } from './resources/resources.ts';
import { sessionCallsOf } from './session-calls.ts';
import { statusOf } from './sync-status.ts';
import { recordStatus } from './view/record-status.ts';

/** Opens the CRM of this device. Nothing is awaited here: calls wait for what they need. */
export const createLeadZen = (options: LeadZenOptions): LeadZen => {
  const engine = createEngine(options);
  const { lifecycle, changes, user, write } = engine;
  return {
    ...resourcesOf({ user, write, onChange: (type, listener) => listenTo(changes, type, listener) }),
    ...sessionCallsOf(engine),
    ...syncCallsOf(engine),
    subscribe: (resource, listener) => listenTo(changes, RESOURCE_TYPES[resource], (ids) => listener({ ids })),
    status: (id) => {
      const open = lifecycle.peek();
      return open && recordStatus(open, id);
    },
    conflicts: conflictInboxOf({ users: user, write }),
    refused: refusedInboxOf({ users: user, write, onSettled: engine.wake }),
    drafts: draftsOf(user),
    settings: settingsOf(user),
    adopt: async (spec) => {
      const storage = spec.storage ?? options.storage;
      if (typeof storage === 'function') {
        throw new Refusal('invalid', 'adopt: say in `storage` where the old app kept its data');
      }
      return adopt({ user: await user(), storage, write }, spec);
    },
    close: engine.close,
  };
};

const syncCallsOf = (engine: Engine): Pick<LeadZen, 'sync' | 'syncOnce' | 'syncStatus' | 'onSyncStatus'> => {
  const { lifecycle, syncer, changes } = engine;
  const sync = async (maxMs?: number): Promise<SyncReport> => {
    await lifecycle.settled();
    return (await syncer.sync(maxMs)).report;
  };
  return {
    sync: () => sync(),
    syncOnce: ({ maxMs }) => sync(maxMs),
    syncStatus: statusOf(engine),
    onSyncStatus: (listener) => changes.listen(STATUS, () => listener()),
  };
};

/** What left has no type any more, and concerns everybody. */
const listenTo = (changes: Changes<string>, type: string, listener: (ids: readonly string[]) => void): Unsubscribe => {
  const ends = [type, '*'].map((topic) => changes.listen(topic, listener));
  return () => {
    for (const end of ends) end();
  };
};
