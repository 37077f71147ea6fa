import { setTimeout as sleep } from 'node:timers/promises';
import { clearLeftovers } from './leftovers.ts';
import { type Running, runServer, type Start } from './run-server.ts';

// One that crashes again within this time counts against the attempts.
const STABLE_AFTER_MS = 60_000;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

/**
 * Runs PostgreSQL and starts it again on the same address when it ends without being asked: a killed database costs
 * the requests in flight, not the server.
 */
export const keepRunning = async (
  start: Start,
  onCrash: (message: string, fatal: boolean) => void,
): Promise<{ stop(): Promise<void> }> => {
  let stopping = false;
  let running: Running = await runServer(start);
  let restarts = 0;
  const restart = async (): Promise<void> => {
    await sleep(PAUSE_MS);
    await clearLeftovers(start.folder.data);
    running = await runServer(start);
  };
  const watch = async (): Promise<void> => {
    while (!stopping) {
      const since = Date.now();
      await running.exited;
      if (stopping) return;
      restarts = Date.now() - since > STABLE_AFTER_MS ? 1 : restarts + 1;
      if (restarts > ATTEMPTS) throw new Error('PostgreSQL crashes again and again');
      onCrash('PostgreSQL ended unexpectedly; starting it again', false);
      await restart();
    }
  };
  const watching = watch().catch((error: unknown) => onCrash(String(error), true));
  const stop = async () => {
    stopping = true;
    await running.stop();
    await watching;
    // A restart that was under way when the stop came has finished by now.
    await running.stop();
  };
  return { stop };
};
