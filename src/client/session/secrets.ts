import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import { isJsonObject } from '../../shared/base/json.ts';
import type { NamedView, Tokens, UserView } from '../../shared/contract/identity.ts';
import type { SecretsPort } from '../ports.ts';
import { toHex } from '../hash/hex.ts';
import { sha256 } from '../hash/sha256.ts';
import { toUtf8 } from '../utf8.ts';

/** Who is signed in, with what; without tokens the session is over and local work goes on. */
export interface KeptSession {
  readonly user: UserView;
  readonly workspace: NamedView;
  readonly deviceId: Uuid;
  readonly tokens: (Tokens & { readonly obtainedAt: number }) | null;
}

/** A wipe that was carried out and that the server has not heard of yet. */
export interface WipeDone {
  readonly deviceId: Uuid;
  readonly order: string;
  readonly destroyedEvents: number;
}

/** What is kept in the keychain: small values under names that every keychain takes. */
export interface Secrets {
  session(): Promise<KeptSession | null>;
  keepSession(session: KeptSession | null): Promise<void>;
  /** The device id of whom the address signs in: made once, kept over sign-outs. */
  deviceOf(email: string): Promise<Uuid | undefined>;
  keepDevice(email: string, deviceId: Uuid): Promise<void>;
  wipeDone(): Promise<WipeDone | null>;
  keepWipeDone(done: WipeDone | null): Promise<void>;
}

const SESSION = 'leadzen.session';
const WIPED = 'leadzen.wiped';
/** Keychains take letters, digits, dots and dashes, and an address is nobody's business. */
const deviceKey = (email: string): string =>
  `leadzen.device.${toHex(sha256(toUtf8(email.trim().toLowerCase()))).slice(0, 32)}`;

export const createSecrets = (port: SecretsPort): Secrets => {
  const read = async <T>(key: string): Promise<T | null> => {
    const text = await port.getItem(key);
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      return isJsonObject(value) ? (value as T) : null;
    } catch {
      return null;
    }
  };
  const write = async (key: string, value: object | null): Promise<void> => {
    await (value === null ? port.removeItem(key) : port.setItem(key, JSON.stringify(value)));
  };
  return {
    session: () => read<KeptSession>(SESSION),
    keepSession: (session) => write(SESSION, session),
    deviceOf: async (email) => {
      const kept = await port.getItem(deviceKey(email));
      return isUuid(kept) ? kept : undefined;
    },
    keepDevice: async (email, deviceId) => {
      await port.setItem(deviceKey(email), deviceId);
    },
    wipeDone: () => read<WipeDone>(WIPED),
    keepWipeDone: (done) => write(WIPED, done),
  };
};
