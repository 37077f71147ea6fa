import type { SignedIn } from '../../../../src/shared/contract/identity.ts';
import { restOf, type Rest } from '../../rest.ts';
import type { Person } from '../../world.ts';

/** An administrator at a desk: always online, over the REST and sync API that anybody may use. */
export interface OfficeSession {
  readonly deviceId: string;
  readonly call: Rest;
  /** Calls the listener whenever there is something new to pull; answers what ends that. */
  readonly onHint: (listener: () => void) => () => void;
}

/** Before an access token of 10 minutes is over. */
const RENEW_MS = 8 * 60_000;
const RECONNECT_MS = 1000;

export const openOffice = async ({ email, password }: Person): Promise<OfficeSession> => {
  const signIn = (): Promise<SignedIn> => restOf('')('POST', '/api/auth/sign-in', { email, password, ...ownDevice });
  let ownDevice = {};
  let signedIn = await signIn();
  ownDevice = { device: { id: signedIn.deviceId } };
  setInterval(() => {
    // A round that fails is made up for by the next: the token lasts two minutes longer than its renewal.
    signIn().then(
      (next) => (signedIn = next),
      () => {},
    );
  }, RENEW_MS);

  const call: Rest = (method, path, body) => restOf('', signedIn.accessToken)(method, path, body);
  const onHint: OfficeSession['onHint'] = (listener) => {
    let isEnded = false;
    let socket: WebSocket | undefined;
    const connect = (): void => {
      if (isEnded) return;
      socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/sync/live`);
      socket.addEventListener('open', () => {
        socket?.send(JSON.stringify({ accessToken: signedIn.accessToken }));
        listener();
      });
      socket.addEventListener('message', listener);
      socket.addEventListener('close', () => setTimeout(connect, RECONNECT_MS));
    };
    connect();
    return () => {
      isEnded = true;
      socket?.close();
    };
  };
  return { deviceId: signedIn.deviceId, call, onHint };
};
