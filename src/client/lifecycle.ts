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

export const createLifecycle = (parts: Parts): Lifecycle => {
  const { session, quiet } = parts;
  let current: Open | undefined;
  let standby = false;

  const open = async (kept: KeptSession | null): Promise<void> => {
    if (kept === null) return;
    standby = true;
    const release = await becomeLeader(parts.locks, `leadzen/${kept.workspace.id}/${kept.user.id}`);
    standby = false;
    const { store, vault } = await parts.openHome(kept);
    const user = await openUser({ session: kept, store, now: parts.now, onChange: parts.onChange });
    current = { user, vault, release };
    parts.onSwitch();
  };
  const shut = async (): Promise<Open | undefined> => {
    const open = current;
    current = undefined;
    await quiet();
    await open?.user.store.close();
    return open;
  };
  const left = (open: Open | undefined): void => {
    open?.release();
    parts.onSwitch();
  };

  // One switch after the other, and reads wait for the last one. A switch that failed leaves things as they were.
  let turn: Promise<void> = session.load().then(open);
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = turn.catch(() => {}).then(act);
    turn = result.then(
      () => {},
      () => {},
    );
    return result;
  };

  return {
    user: async () => {
      await turn;
      if (current === undefined) throw new Refusal('not_signed_in', 'sign in first');
      return current.user;
    },
    peek: () => current?.user,
    isStandby: () => standby,
    begin: (path, input) =>
      inTurn(async () => {
        const kept = await session.begin(path, input);
        left(await shut());
        await open(kept);
        if (current === undefined) throw new Refusal('not_signed_in', 'sign in first');
        return (current as Open).user;
      }),
    leave: (pending) =>
      inTurn(async () => {
        const open = await shut();
        const unsent = open?.user.outbox.pending() ?? 0;
        await open?.user.store.wipe(pending === 'keep' ? 'cache' : 'all');
        if (pending === 'keep') await open?.vault.lock();
        await session.forget('identity');
        left(open);
        return pending === 'keep' ? { kept: unsent, discarded: 0 } : { kept: 0, discarded: unsent };
      }),
    destroy: () =>
      inTurn(async () => {
        const open = await shut();
        const destroyed = (await open?.user.store.wipe('all')) ?? 0;
        await session.forget('identity');
        left(open);
        return destroyed;
      }),
    close: () => inTurn(async () => left(await shut())),
  };
};
