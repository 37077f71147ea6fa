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
  const ends = [onForeground?.(wake), onOnline?.(wake)];
  const url = `${baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/sync/live`;
  const accessToken = (): Promise<string | undefined> => session.accessToken();
  const live = openSocket && createLive({ url, openSocket, accessToken, timers, random, onHint: wake });
  return {
    restart: () => live?.restart(),
    stop: () => {
      live?.stop();
      for (const end of ends) end?.();
    },
  };
};
