import { must } from '../shared/base/assert.ts';
import type { PendingAtSignOut, SignOutReport } from './api.ts';
import { becomeLeader } from './leader.ts';
import { openUser, type OpenUser, type UserStore } from './open-user.ts';
import type { LocksPort } from './ports.ts';
import { Refusal } from './refusal.ts';
import type { KeptSession } from './session/secrets.ts';
import type { Session } from './session/session.ts';
import type { Vault } from './vault/vault.ts';

/** A user's store and the vault under it, before anything is read. */
export interface Home {
  readonly store: UserStore;
  readonly vault: Vault;
}

interface Parts {
  readonly session: Session;
  readonly locks: LocksPort | undefined;
  readonly now: () => number;
  readonly openHome: (session: KeptSession) => Promise<Home>;
  readonly onChange: (type: string, ids: readonly string[]) => void;
  /** After another user, or nobody, is there. */
  readonly onSwitch: () => void;
  /** Resolves once no sync runs on the open user any more. */
  readonly quiet: () => Promise<void>;
}

/** Who is at home on this device, one at a time: opening, switching, leaving. */
export interface Lifecycle {
  /** Waits for the boot, or a switch. @throws Refusal not_signed_in */
  user(): Promise<OpenUser>;
  /** Resolves once no boot or switch is under way, however it went. */
  settled(): Promise<void>;
  /** What is open right now. */
  peek(): OpenUser | undefined;
  /** Waiting for another tab to give the store up. */
  isStandby(): boolean;
  begin(path: 'sign-up' | 'sign-in', input: { readonly email: string }): Promise<OpenUser>;
  leave(pending: Exclude<PendingAtSignOut, 'send'>): Promise<SignOutReport>;
  /** Destroys everything of the user who is there; answers how many unsent events that were. */
  destroy(): Promise<number>;
  close(): Promise<void>;
}

interface Open {
  readonly user: OpenUser;
  readonly vault: Vault;
  readonly release: () => void;
}

/** One switch after the other. One that failed leaves things as they were. */
const createTurns = (first: Promise<void>) => {
  let turn = first;
  // Whoever waits for the boot hears of its failure.
  turn.catch(() => {});
  return {
    last: () => turn,
    take: <T>(act: () => Promise<T>): Promise<T> => {
      const result = turn.catch(() => {}).then(act);
      turn = result.then(
        () => {},
        () => {},
      );
      return result;
    },
  };
};

/** Opens and shuts the home of one user at a time. */
const createDoor = (parts: Parts) => {
  let current: Open | undefined;
  let standby = false;
  const left = (home: Open | undefined): void => {
    home?.release();
    parts.onSwitch();
  };
  return {
    current: () => current,
    isStandby: () => standby,
    open: async (kept: KeptSession | null): Promise<OpenUser | undefined> => {
      if (kept === null) return undefined;
      standby = true;
      const release = await becomeLeader(parts.locks, `leadzen/${kept.workspace.id}/${kept.user.id}`);
      standby = false;
      const { store, vault } = await parts.openHome(kept);
      const user = await openUser({ session: kept, store, now: parts.now, onChange: parts.onChange });
      current = { user, vault, release };
      parts.onSwitch();
      return user;
    },
    /** Nobody is at home while `act` works on what is left. */
    shut: async <T>(act: (home: Open | undefined) => Promise<T>): Promise<T> => {
      const home = current;
      current = undefined;
      await parts.quiet();
      await home?.user.store.close();
      try {
        return await act(home);
      } finally {
        left(home);
      }
    },
  };
};

export const createLifecycle = (parts: Parts): Lifecycle => {
  const { session } = parts;
  const door = createDoor(parts);
  const turns = createTurns(session.load().then(async (kept) => void (await door.open(kept))));
  return {
    user: async () => {
      await turns.last();
      const open = door.current();
      if (open === undefined) throw new Refusal('not_signed_in', 'sign in first');
      return open.user;
    },
    settled: () => turns.last().catch(() => {}),
    peek: () => door.current()?.user,
    isStandby: door.isStandby,
    begin: (path, input) =>
      turns.take(async () => {
        const kept = await session.begin(path, input);
        await door.shut(async () => {});
        return must(await door.open(kept), 'a user after signing in');
      }),
    leave: (pending) =>
      turns.take(() =>
        door.shut(async (home) => {
          const unsent = home?.user.outbox.pending() ?? 0;
          await home?.user.store.wipe(pending === 'keep' ? 'cache' : 'all');
          if (pending === 'keep') await home?.vault.lock();
          await session.forget('identity');
          return pending === 'keep' ? { kept: unsent, discarded: 0 } : { kept: 0, discarded: unsent };
        }),
      ),
    destroy: () =>
      turns.take(() =>
        door.shut(async (home) => {
          const destroyed = (await home?.user.store.wipe('all')) ?? 0;
          await session.forget('identity');
          return destroyed;
        }),
      ),
    close: () => turns.take(() => door.shut(async () => {})),
  };
};
