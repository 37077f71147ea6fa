import { loadKeys } from '../server/auth/keys.ts';
import type { Database } from '../server/database/pool.ts';
import { createWake, type Wake } from '../server/log/wake.ts';
import { warn } from './command.ts';

/** Tells a running server of what a command writes, so that read models and phones follow at once. */
export const openCommandWake = async ({ app, listener }: Database): Promise<Wake> => {
  const { wakeChannel } = await loadKeys(app);
  return createWake({
    pool: app,
    channel: wakeChannel,
    connect: listener,
    onError: (error) => warn(`a running server is told late: ${String(error)}`),
  });
};
