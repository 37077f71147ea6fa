import type { Database } from '../server/database/pool.ts';
import { createWake, type Wake } from '../server/log/wake.ts';
import { warn } from './command.ts';

/** Tells a running server of what a command writes, so that read models and phones follow at once. */
export const openCommandWake = ({ app, listener }: Database): Wake =>
  createWake({
    pool: app,
    connect: listener,
    onError: (error) => warn(`a running server is told late: ${String(error)}`),
  });
