import type { LeadZen, LeadZenOptions, SessionView, SignInInput, Unsubscribe } from './api.ts';
import { must } from '../shared/base/assert.ts';
import { createChanges, type Changes } from './changes.ts';
import { homeOf } from './home.ts';
import { createIdleWatch } from './idle-watch.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { refusedInboxOf } from './local/refused-inbox.ts';
import { draftsOf, settingsOf } from './local/values.ts';
import type { OpenUser } from './open-user.ts';
import type { Desk } from './resources/desk.ts';
import { RESOURCE_TYPES, resourcesOf } from './resources/resources.ts';
import { fetchOf, timersOf } from './runtime.ts';
import { createSecrets, type KeptSession } from './session/secrets.ts';
import { createSession } from './session/session.ts';
import { reportWipe } from './session/wipe.ts';
import { statusOf } from './sync-status.ts';
import { createScheduler } from './sync/scheduler.ts';
import { createSyncer } from './sync/syncer.ts';
import { createHttp } from './transport/http.ts';
import type { Entry } from './view/outbox.ts';
import { recordStatus } from './view/record-status.ts';
import { listenForReasons } from './wakers.ts';
import { write, type Wish } from './write.ts';

const STATUS = 'status';

const viewOf = (kept: KeptSession | null): SessionView | undefined =>
  kept === null
    ? undefined
    : { user: kept.user, workspace: kept.workspace, deviceId: kept.deviceId, live: kept.tokens !== null };

/** What left has no type any more, and concerns everybody. */
const listenTo = (changes: Changes<string>, type: string, listener: (ids: readonly string[]) => void): Unsubscribe => {
  const ends = [type, '*'].map((topic) => changes.listen(topic, listener));
  return () => {
    for (const end of ends) end();
  };
};

/** Opens the CRM of this device. Nothing is awaited here: calls wait for what they need. */
export const createLeadZen = (options: LeadZenOptions): LeadZen => {
  const { now = Date.now, random = Math.random, autoSync = true } = options;
  const timers = timersOf(options);
  const http = createHttp({ baseUrl: options.baseUrl, fetch: fetchOf(options), timers });
  const secrets = createSecrets(options.secrets);
  const session = createSession({ http, secrets, now, device: options.device ?? {} });
  const changes = createChanges<string>();
  const tellStatus = (): void => changes.tell(STATUS, []);

  const syncer = createSyncer({ lifecycle: () => lifecycle, session, secrets, http, now, onStatus: tellStatus });
  const lifecycle: Lifecycle = createLifecycle({
    session,
    locks: options.locks,
    now,
    openHome: homeOf(options),
    onChange: (type, ids) => {
      changes.tell(type, ids);
      tellStatus();
    },
    onSwitch: () => {
      for (const type of Object.values(RESOURCE_TYPES)) changes.tell(type, []);
      tellStatus();
      wake();
    },
    quiet: syncer.quiet,
  });
  const scheduler = createScheduler({ run: syncer.sync, timers, random });
  const wake = (): void => {
    if (autoSync && lifecycle.peek() !== undefined) scheduler.wake();
  };
  const stopListening = autoSync ? listenForReasons({ options, session, timers, random, wake }) : () => {};
  const idle = createIdleWatch({ now, timers, timeoutMs: options.sessionTimeoutMs, onTimeout: () => lifecycle.leave('keep') });
  void reportWipe({ http, secrets }).catch(() => {});

  const user = async (): Promise<OpenUser> => {
    await idle.check();
    idle.used();
    return lifecycle.user();
  };
  const writeAndWake = async (open: OpenUser, wishes: readonly Wish[], replaces?: Entry): Promise<void> => {
    await write(open, wishes, replaces);
    wake();
  };
  const desk: Desk = { user, write: writeAndWake, onChange: (type, listener) => listenTo(changes, type, listener) };
  const signedIn = async (path: 'sign-up' | 'sign-in', input: SignInInput): Promise<SessionView> => {
    await lifecycle.begin(path, input);
    idle.used();
    return must(viewOf(session.current()), 'a session after signing in');
  };
  /** Bounded: a phone without a network signs out at once, too. */
  const signOutOfServer = async (): Promise<void> => {
    const kept = session.current();
    if (kept?.tokens != null) await session.call(kept.user.id, { path: '/api/auth/sign-out' });
  };

  return {
    ...resourcesOf(desk),
    signUp: (input) => signedIn('sign-up', input),
    signIn: (input) => signedIn('sign-in', input),
    signOut: async ({ pending = 'send' } = {}) => {
      if (pending === 'send') await syncer.sync();
      await syncer.quiet();
      await signOutOfServer();
      return lifecycle.leave(pending === 'discard' ? 'discard' : 'keep');
    },
    session: async () => {
      await lifecycle.user().catch(() => undefined);
      return viewOf(session.current()) ?? null;
    },
    subscribe: (resource, listener) => listenTo(changes, RESOURCE_TYPES[resource], (ids) => listener({ ids })),
    status: (id) => {
      const open = lifecycle.peek();
      return open && recordStatus(open, id);
    },
    sync: async () => {
      await lifecycle.user().catch(() => undefined);
      return (await syncer.sync()).report;
    },
    syncOnce: async ({ maxMs }) => {
      await lifecycle.user().catch(() => undefined);
      return (await syncer.sync(maxMs)).report;
    },
    syncStatus: statusOf({ lifecycle, syncer, session, conflicts: () => 0 }),
    onSyncStatus: (listener) => changes.listen(STATUS, listener),
    refused: refusedInboxOf({ users: user, write: writeAndWake, onSettled: wake }),
    drafts: draftsOf(user),
    settings: settingsOf(user),
    close: async () => {
      idle.stop();
      stopListening();
      scheduler.stop();
      await lifecycle.close();
    },
  };
};
