import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { must } from '../../shared/base/assert.ts';
import type { Connection, Statements, WorkspacePool } from '../database/workspace-pool.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { inTransaction } from './transaction.ts';

/** The server's own keys, the same on every server of a database. */
export interface Keys {
  /** Sign access tokens and orders to wipe (Ed25519); the only ones that rotate. */
  readonly signing: SigningKeys;
  /** HMAC key of refresh tokens, 32 bytes. */
  readonly refreshKey: Buffer;
  /** HMAC key of cursors and marks, 32 bytes. */
  readonly cursorKey: Buffer;
  /** HMAC key of the content hashes of events, 32 bytes. */
  readonly contentKey: Buffer;
  /** Where servers tell each other of commits: a name that only they know. */
  readonly wakeChannel: string;
}

const PURPOSES = ['access', 'refresh', 'cursor', 'content'] as const;
type Purpose = (typeof PURPOSES)[number];
interface KeyRow {
  readonly purpose: Purpose;
  readonly secret: Buffer;
}

/** Two servers that boot at once must agree on one set of keys; the number is any that nobody else locks. */
const KEYS_LOCK = 4_203_118_402;

const newSecret = (purpose: Purpose): Buffer =>
  purpose === 'access'
    ? generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
    : randomBytes(32);

const readKeys = async (client: Statements): Promise<KeyRow[]> => {
  const { rows } = await client.query<KeyRow>('select purpose, secret from signing_key order by created_at desc, kid');
  return rows;
};

const ADD = `
insert into signing_key (kid, purpose, secret, signs_from) values ($1, $2, $3, now() + $4 * interval '1 second')
returning signs_from as "signsFrom"`;

const addKey = async (client: Connection, purpose: Purpose, leadSeconds: number): Promise<NewKey> => {
  const kid = randomUUID();
  const { rows } = await client.query<{ signsFrom: string }>(ADD, [kid, purpose, newSecret(purpose), leadSeconds]);
  return { kid, signsFrom: rows[0]?.signsFrom ?? '' };
};

const makeMissing = async (client: Connection): Promise<void> => {
  await client.query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);
  const present = new Set((await readKeys(client)).map((row) => row.purpose));
  for (const purpose of PURPOSES) if (!present.has(purpose)) await addKey(client, purpose, 0);
};

const secretOf = (rows: readonly KeyRow[], purpose: Purpose): Buffer =>
  must(
    rows.find((row) => row.purpose === purpose),
    `a key for ${purpose}`,
  ).secret;

/** The keys of this database; makes those that are missing. `pool` acts as leadzen_app. */
export const loadKeys = async (pool: WorkspacePool): Promise<Keys> => {
  let rows = await readKeys(pool.outside);
  if (PURPOSES.some((purpose) => rows.every((row) => row.purpose !== purpose))) {
    await inTransaction(pool.outside, makeMissing);
    rows = await readKeys(pool.outside);
  }
  const cursorKey = secretOf(rows, 'cursor');
  return {
    signing: createSigningKeys(pool),
    refreshKey: secretOf(rows, 'refresh'),
    cursorKey,
    contentKey: secretOf(rows, 'content'),
    wakeChannel: `leadzen_${createHmac('sha256', cursorKey).update('leadzen wake').digest('hex').slice(0, 32)}`,
  };
};

export interface NewKey {
  readonly kid: string;
  /** ISO time. */
  readonly signsFrom: string;
}

const COMING = `
select kid, signs_from as "signsFrom" from signing_key where purpose = 'access' and signs_from > now()`;

/**
 * Publishes a key that signs access tokens from then on; the present one signs until then and verifies until its last
 * token has expired. Where a new key waits for its turn already, that one is answered and none is made.
 *
 * @param leadSeconds at least a minute, so that every server knows the key before it meets a token signed by it
 */
export const rotateSigningKey = (
  pool: WorkspacePool,
  leadSeconds: number,
): Promise<NewKey & { readonly isNew: boolean }> =>
  inTransaction(pool.outside, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [KEYS_LOCK]);
    const { rows } = await client.query<NewKey>(COMING);
    const [coming] = rows;
    if (coming !== undefined) return { ...coming, isNew: false };
    return { ...(await addKey(client, 'access', leadSeconds)), isNew: true };
  });
