import { createPrivateKey, createPublicKey, type webcrypto } from 'node:crypto';
import { must } from '../../shared/base/assert.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { ACCESS_TOKEN_SECONDS } from './access-tokens.ts';

/** How long a server relies on what it read; a key is published a minute or more before it signs. */
const FRESH_MS = 10_000;
/** A key that nobody knows is asked for at most once a second: anyone can invent them. */
const UNKNOWN_MS = 1_000;
/** A token lives for ten minutes after its key was last used; the rest is for clocks that differ. */
const VERIFIES_AFTER_MS = ACCESS_TOKEN_SECONDS * 1000 + 120_000;

/** A public key as RFC 8037 writes it. */
export interface PublishedKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

export interface Signer {
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
}

/** The Ed25519 keys of this database by their turns: each signs until the next one begins. */
export interface SigningKeys {
  signer(): Promise<Signer>;
  /** Undefined for what is no key, or one whose last token has expired. */
  verifier(kid: string): Promise<webcrypto.CryptoKey | undefined>;
  /** Also of a key whose turn is long over: orders to wipe outlive tokens. */
  anyVerifier(kid: string): Promise<webcrypto.CryptoKey | undefined>;
  /** Every key that verifies, the coming ones included. */
  published(): Promise<PublishedKey[]>;
}

interface Turn extends Signer {
  readonly publicKey: webcrypto.CryptoKey;
  readonly published: PublishedKey;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly verifiesUntil: number;
}

interface Row {
  readonly kid: string;
  readonly secret: Buffer;
  /** Seconds until it begins, by the database's clock: servers agree about that one. */
  readonly beginsIn: number;
}

const READ = `
select kid, secret, extract(epoch from signs_from - now())::float8 as "beginsIn"
  from signing_key where purpose = 'access' order by signs_from, kid`;

const turnOf = ({ kid, secret, beginsIn }: Row, next: Row | undefined, readAt: number): Turn => {
  const privateKey = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const x = must(publicKey.export({ format: 'jwk' }).x, 'an Ed25519 key has a point');
  return {
    kid,
    privateKey: privateKey.toCryptoKey('Ed25519', false, ['sign']),
    publicKey: publicKey.toCryptoKey('Ed25519', true, ['verify']),
    published: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' },
    from: readAt + beginsIn * 1000,
    verifiesUntil: next === undefined ? Infinity : readAt + next.beginsIn * 1000 + VERIFIES_AFTER_MS,
  };
};

/** Reads keys when they are asked for, and no more often than they may change. `pool` acts as leadzen_app. */
export const createSigningKeys = (pool: WorkspacePool, now: () => number = Date.now): SigningKeys => {
  let turns: readonly Turn[] = [];
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const { rows } = await pool.outside.query<Row>(READ);
    readAt = now();
    turns = rows.map((row, at) => turnOf(row, rows[at + 1], readAt));
  };
  const readOnce = (): Promise<void> => (reading ??= read().finally(() => (reading = undefined)));
  const fresh = async (freshMs = FRESH_MS): Promise<readonly Turn[]> => {
    if (now() - readAt < freshMs) return turns;
    // Keys that were read before still verify while the database is away.
    await readOnce().catch((error: unknown) => {
      if (turns.length === 0) throw error;
    });
    return turns;
  };
  const find = async (kid: string): Promise<Turn | undefined> => {
    const known = (await fresh()).find((turn) => turn.kid === kid);
    return known ?? (await fresh(UNKNOWN_MS)).find((turn) => turn.kid === kid);
  };
  const verifies = (turn: Turn): boolean => now() < turn.verifiesUntil;

  return {
    signer: async () => {
      const known = await fresh();
      return must(known.findLast((turn) => turn.from <= now()) ?? known[0], 'a key to sign with');
    },
    verifier: async (kid) => {
      const turn = await find(kid);
      return turn !== undefined && verifies(turn) ? turn.publicKey : undefined;
    },
    anyVerifier: async (kid) => (await find(kid))?.publicKey,
    published: async () => (await fresh()).filter(verifies).map((turn) => turn.published),
  };
};
