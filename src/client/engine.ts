import type { LeadZenOptions } from './api.ts';
import { createChanges, type Changes } from './changes.ts';
import { homeOf } from './home.ts';
import { createIdleWatch, type IdleWatch } from './idle-watch.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import type { OpenUser } from './open-user.ts';
import { RESOURCE_TYPES } from './resources/resources.ts';
import { fetchOf, timersOf } from './runtime.ts';
import { createSecrets } from './session/secrets.ts';
import { createSession, type Session } from './session/session.ts';
import { reportWipe } from './session/wipe.ts';
import { createScheduler } from './sync/scheduler.ts';
import { createSyncer, type Syncer } from './sync/syncer.ts';
import { createHttp } from './transport/http.ts';
import type { Entry } from './view/outbox.ts';
import { listenForReasons } from './wakers.ts';
import { write, type Wish } from './write.ts';

/** The topic of everything that a status says. Topics else are stream types, and `*` for whatever left. */
export const STATUS = 'status';

/** The moving parts behind the calls of the SDK, joined. */
export interface Engine {
  readonly session: Session;
  readonly lifecycle: Lifecycle;
  readonly syncer: Syncer;
  readonly changes: Changes<string>;
  readonly idle: IdleWatch;
  /** Whoever is signed in. @throws Refusal not_signed_in */
  readonly user: () => Promise<OpenUser>;
  /** @throws Refusal */
  readonly write: (user: OpenUser, wishes: readonly Wish[], replaces?: Entry) => Promise<void>;
  /** There is something to sync. */
  readonly wake: () => void;
  readonly close: () => Promise<void>;
}

export const createEngine = (options: LeadZenOptions): Engine => {
  const { now = Date.now, random = Math.random, autoSync = true } = options;
  const timers = timersOf(options);
  const http = createHttp({ baseUrl: options.baseUrl, fetch: fetchOf(options), timers });
  const secrets = createSecrets(options.secrets);
  const session = createSession({ http, secrets, now, device: options.device ?? {} });
  const changes = createChanges<string>();
  const onStatus = (): void => changes.tell(STATUS, []);

  const syncer = createSyncer({ lifecycle: () => lifecycle, session, secrets, http, now, onStatus });
  const lifecycle: Lifecycle = createLifecycle({
    session,
    locks: options.locks,
    now,
    openHome: homeOf(options),
    onChange: (type, ids) => {
      changes.tell(type, ids);
      onStatus();
    },
    onSwitch: () => {
      for (const type of Object.values(RESOURCE_TYPES)) changes.tell(type, []);
      onStatus();
      reasons?.restart();
      wake();
    },
    quiet: () => syncer.quiet(),
  });
  const scheduler = createScheduler({ run: () => syncer.sync(), timers, random });
  const wake = (): void => {
    if (autoSync && lifecycle.peek() !== undefined) scheduler.wake();
  };
  const reasons = autoSync ? listenForReasons({ options, session, timers, random, wake }) : undefined;
  const onTimeout = (): Promise<unknown> => lifecycle.leave('keep');
  const idle = createIdleWatch({ now, timers, timeoutMs: options.sessionTimeoutMs, onTimeout });
  void reportWipe({ http, secrets }).catch(() => {});

  return {
    session,
    lifecycle,
    syncer,
    changes,
    idle,
    wake,
    user: async () => {
      await idle.check();
      idle.used();
      return lifecycle.user();
    },
    write: async (user, wishes, replaces) => {
      await write(user, wishes, replaces);
      wake();
    },
    close: async () => {
      idle.stop();
      reasons?.stop();
      scheduler.stop();
      await lifecycle.close();
    },
  };
};
