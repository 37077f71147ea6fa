import type { Uuid } from '../../src/shared/base/ids.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import type { BenchServer } from './bench-server.ts';
import { call, post } from './call.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface Session {
  readonly userId: Uuid;
  readonly deviceId: Uuid;
  /** Of an access token that will do for the next request. */
  readonly token: () => Promise<string>;
}

/** Well within the life of an access token. */
const FRESH_MS = 5 * 60_000;

/** Somebody who stays signed in however long the bench takes; always the same device. */
export const openSession = async (server: BenchServer, credentials: Credentials): Promise<Session> => {
  let signedIn = await call<SignedIn>(server, '/auth/sign-in', post(credentials));
  let sinceMs = performance.now();
  const { deviceId } = signedIn;
  const token = async (): Promise<string> => {
    if (performance.now() - sinceMs > FRESH_MS) {
      signedIn = await call<SignedIn>(server, '/auth/sign-in', post({ ...credentials, device: { id: deviceId } }));
      sinceMs = performance.now();
    }
    return signedIn.accessToken;
  };
  return { userId: signedIn.user.id, deviceId, token };
};
