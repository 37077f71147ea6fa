import type { LeadZenOptions } from './api.ts';
import type { Home } from './lifecycle.ts';
import { openVault } from './runtime.ts';
import type { KeptSession } from './session/secrets.ts';
import { openClientStore } from './storage/open-client-store.ts';
import { updatedAtOf, type Confirmed } from './view/confirmed.ts';

/** What a full disk must not push out: deals and leads that somebody still works on. */
const isOpenWork = ({ type, state }: Confirmed): boolean =>
  (type === 'deal' && state['outcome'] === 'open' && state['deletedAt'] === null) ||
  type === 'pipeline' ||
  type === 'user';

/** Opens the sealed store of a user over the app's AsyncStorage. */
export const homeOf =
  (options: LeadZenOptions) =>
  async ({ workspace, user }: KeptSession): Promise<Home> => {
    const owner = { workspaceId: workspace.id, userId: user.id };
    const vault = await openVault(options, owner);
    const store: Home['store'] = openClientStore({
      storage: options.storage,
      owner,
      vault,
      platform: options.device?.platform,
      isPinned: isOpenWork,
      recencyOf: ({ clocks }: Confirmed) => updatedAtOf(clocks),
    });
    return { store, vault };
  };
