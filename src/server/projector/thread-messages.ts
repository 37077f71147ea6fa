import type { Uuid } from '../../shared/base/ids.ts';
import type { Wake } from '../log/wake.ts';
import type { ProjectorLog } from './run.ts';

/** What the projector's thread is started with. */
export interface ThreadData {
  readonly url: string;
  /** PostgreSQL runs on this machine, started by this server. */
  readonly isEmbedded: boolean;
}

export type ToThread =
  | { readonly kind: 'moved'; readonly workspaceId: Uuid; readonly position: number }
  | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'log'; readonly level: keyof ProjectorLog; readonly details: object; readonly message: string };

/** The thread's end of the main thread's wake. */
export const createMovedPort = (): Pick<Wake, 'subscribe'> & {
  readonly moved: (workspaceId: Uuid, position: number) => void;
} => {
  const listeners = new Set<(workspaceId: Uuid, position: number) => void>();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    moved: (workspaceId, position) => listeners.forEach((listener) => listener(workspaceId, position)),
  };
};
