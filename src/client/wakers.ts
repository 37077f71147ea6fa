import type { LeadZenOptions } from './api.ts';
import { listenLive } from './live.ts';
import type { TimersPort } from './ports.ts';
import type { Session } from './session/session.ts';

interface Parts {
  readonly options: LeadZenOptions;
  readonly session: Session;
  readonly timers: TimersPort;
  readonly random: () => number;
  readonly wake: () => void;
}

/** Everything outside that is a reason to sync: the app in front, a network, a hint. Answers what ends it. */
export const listenForReasons = ({ options, session, timers, random, wake }: Parts): (() => void) => {
  const { onForeground, onOnline, openSocket, baseUrl } = options;
  const ends = [onForeground?.(wake), onOnline?.(wake)];
  if (openSocket !== undefined) {
    const url = `${baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/sync/live`;
    ends.push(listenLive({ url, openSocket, accessToken: () => session.accessToken(), timers, random, onHint: wake }));
  }
  return () => {
    for (const end of ends) end?.();
  };
};
