import type { LeadZenOptions } from './api.ts';
import { createLive, type Live } from './live.ts';
import type { TimersPort } from './ports.ts';
import type { Session } from './session/session.ts';

interface Parts {
  readonly options: LeadZenOptions;
  readonly session: Session;
  readonly timers: TimersPort;
  readonly random: () => number;
  readonly wake: () => void;
}

/** Everything outside that is a reason to sync: the app in front, a network, a hint. */
export const listenForReasons = ({ options, session, timers, random, wake }: Parts): Live => {
  const { onForeground, onOnline, openSocket, baseUrl } = options;
  const url = `${baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/sync/live`;
  const accessToken = (): Promise<string | undefined> => session.accessToken();
  const live = openSocket && createLive({ url, openSocket, accessToken, timers, random, onHint: wake });
  // A connection that failed while there was no network is patient by now; with the network back there is no reason to be.
  const backOnline = (): void => {
    live?.restart();
    wake();
  };
  const ends = [onForeground?.(wake), onOnline?.(backOnline)];
  return {
    restart: () => live?.restart(),
    stop: () => {
      live?.stop();
      for (const end of ends) end?.();
    },
  };
};
