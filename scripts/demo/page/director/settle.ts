import type { SyncReport } from '../../../../src/client/index.ts';
import type { Phone } from '../phone/phone.ts';

const PATIENCE_MS = 15_000;
const PAUSE_MS = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

const isDone = ({ upToDate, stoppedBy }: SyncReport): boolean => upToDate && stoppedBy === undefined;

/** Waits until these phones have sent what they may send and seen all that there is. @throws Error after 15 s */
export const settle = async (...phones: readonly Phone[]): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (const { leadzen, person } of phones) {
    for (;;) {
      const report = await leadzen.sync();
      if (isDone(report)) break;
      if (Date.now() > deadline) throw new Error(`${person.name}'s phone cannot sync: ${report.stoppedBy ?? 'no end'}`);
      await pause(PAUSE_MS);
    }
  }
};

export const goOffline = async (...phones: readonly Phone[]): Promise<void> => {
  // What is visible before the curtain falls must be the same for both.
  for (const { network } of phones) network.online.set(true);
  await settle(...phones);
  for (const { network } of phones) network.online.set(false);
};

export const goOnline = async (...phones: readonly Phone[]): Promise<void> => {
  for (const { network } of phones) network.online.set(true);
  await settle(...phones);
};
