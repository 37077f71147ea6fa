import { v7 as uuidv7 } from 'uuid';
import type { Uuid } from '../../shared/base/ids.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Push } from '../sync/push.ts';
import { createAccessTokens, type AccessClaims, type AccessTokens } from './access-tokens.ts';
import { createApiKeyClaims } from './api-key-claims.ts';
import { createExclusively, type Exclusively } from './exclusively.ts';
import type { Keys } from './keys.ts';
import { createLiveSessions, type LiveSessions } from './live-sessions.ts';
import { createThrottle, type Throttle } from './throttle.ts';
import { createPasswords, type Passwords } from './passwords.ts';

export interface AuthDependencies {
  /** Acts as leadzen_app. */
  readonly pool: WorkspacePool;
  readonly keys: Keys;
  readonly push: Push;
  /** Milliseconds since the epoch; Date.now by default. */
  readonly now?: () => number;
}

/** What the parts of identity share. */
export interface AuthContext extends AuthDependencies {
  readonly now: () => number;
  readonly passwords: Passwords;
  readonly accessTokens: AccessTokens;
  readonly apiKeyClaims: (key: string) => Promise<AccessClaims>;
  readonly liveSessions: LiveSessions;
  readonly exclusively: Exclusively;
  readonly throttle: Throttle;
  /** A UUIDv7. */
  readonly newId: () => Uuid;
}

export const contextOf = (dependencies: AuthDependencies): AuthContext => {
  const now = dependencies.now ?? Date.now;
  return {
    ...dependencies,
    now,
    passwords: createPasswords(),
    accessTokens: createAccessTokens(dependencies.keys, now),
    apiKeyClaims: createApiKeyClaims(dependencies.pool, now),
    liveSessions: createLiveSessions(dependencies.pool, now),
    exclusively: createExclusively(dependencies.pool),
    throttle: createThrottle(dependencies.pool.outside, dependencies.keys.refreshKey),
    newId: uuidv7,
  };
};
