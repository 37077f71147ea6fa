import { SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createAccessTokens } from '../../../src/server/auth/access-tokens.ts';
import type { Keys } from '../../../src/server/auth/keys.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const ID = '01970000-0000-7000-8000-000000000001';
const claims = { workspaceId: ID, userId: ID, sessionId: ID, deviceId: ID, refreshCounter: 1 };

const own = generateKeyPairSync('ed25519');
const foreign = generateKeyPairSync('ed25519');
const keys: Keys = {
  signing: {
    signer: async () => ({ kid: 'k1', privateKey: own.privateKey.toCryptoKey('Ed25519', false, ['sign']) }),
    verifier: async (kid) => (kid === 'k1' ? own.publicKey.toCryptoKey('Ed25519', true, ['verify']) : undefined),
    anyVerifier: async () => undefined,
    published: async () => [],
  },
  refreshKey: randomBytes(32),
  cursorKey: randomBytes(32),
  contentKey: randomBytes(32),
  wakeChannel: 'leadzen_test',
};

let now = Date.parse('2026-11-22T10:00:00Z');
const seconds = () => Math.floor(now / 1000);
const tokens = createAccessTokens(keys, () => now);

const good = (): JWTPayload => ({
  iss: 'leadzen',
  aud: 'leadzen-api',
  sub: ID,
  sid: ID,
  did: ID,
  ws: ID,
  rc: 1,
  jti: ID,
  iat: seconds(),
  exp: seconds() + 600,
});
const header = { alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' };
const sign = (payload: JWTPayload, protectedHeader: JWTHeaderParameters = header, key = own.privateKey) =>
  new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key);
const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const forged = (protectedHeader: object, signature: (input: string) => Buffer = () => randomBytes(64)): string => {
  const input = `${b64(protectedHeader)}.${b64(good())}`;
  return `${input}.${signature(input).toString('base64url')}`;
};

const expectRefused = async (token: string): Promise<void> => {
  const error: unknown = await tokens.verify(token).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).body.code).toBe('unauthenticated');
};

describe('an access token', () => {
  test('says who it was issued for, for ten minutes', async () => {
    const token = await tokens.issue(claims);
    expect(await tokens.verify(token)).toEqual({ ...claims, expiresAt: (seconds() + 600) * 1000 });
    now += 601_000;
    // Half a minute of tolerance for clocks that differ, and then no more.
    await expect(tokens.verify(token)).resolves.toBeDefined();
    now += 30_000;
    await expectRefused(token);
  });

  test('made by hand in the same way is taken, so that the others are refused for what they lack', async () => {
    await expect(tokens.verify(await sign(good()))).resolves.toMatchObject({ userId: ID });
  });

  test.each(['exp', 'iat', 'sub', 'sid', 'did', 'ws', 'rc', 'jti', 'iss', 'aud'])(
    'without %s is refused',
    async (claim) => {
      const { [claim]: _, ...rest } = good();
      await expectRefused(await sign(rest));
    },
  );

  test.each<[string, JWTPayload]>([
    ['is from tomorrow', { iat: seconds() + 86_400, exp: seconds() + 87_000 }],
    ['is over', { exp: seconds() - 31 }],
    ['is too old, though good for ten years', { iat: seconds() - 700, exp: seconds() + 315_360_000 }],
    ['is not valid yet', { nbf: seconds() + 3600 }],
    ['is for somebody else', { aud: 'another-api' }],
    ['is by somebody else', { iss: 'https://evil.example' }],
    ['names a subject that is no id', { sub: "' or 1=1" }],
    ['names a workspace that is a list', { ws: [ID] }],
    ['has a counter that is text', { rc: '1' }],
  ])('that %s is refused', async (_, changes) => {
    await expectRefused(await sign({ ...good(), ...changes }));
  });

  test.each<[string, JWTHeaderParameters]>([
    ['another type', { ...header, typ: 'JWT' }],
    ['no type', { alg: 'EdDSA', kid: 'k1' }],
    ['no key id', { alg: 'EdDSA', typ: 'at+jwt' }],
    ['an unknown key id', { ...header, kid: 'k2' }],
    ['a path as key id', { ...header, kid: '../../etc/passwd' }],
    ['an empty key id', { ...header, kid: '' }],
    ['a list as key id', { ...header, kid: ['k1'] as unknown as string }],
  ])('with %s is refused', async (_, changed) => {
    await expectRefused(await sign(good(), changed));
  });

  test('by a foreign key is refused, whatever key it brings or points at', async () => {
    const jwk = foreign.publicKey.export({ format: 'jwk' });
    await expectRefused(await sign(good(), header, foreign.privateKey));
    await expectRefused(await sign(good(), { ...header, jwk }, foreign.privateKey));
    await expectRefused(
      await sign(good(), { ...header, jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/' }, foreign.privateKey),
    );
  });

  test('with another algorithm is refused', async () => {
    const spki = own.publicKey.export({ format: 'pem', type: 'spki' });
    const hs256 = (key: string | Buffer) =>
      forged({ ...header, alg: 'HS256' }, (input) => createHmac('sha256', key).update(input).digest());
    await expectRefused(hs256(spki));
    await expectRefused(hs256(Buffer.alloc(0)));
    await expectRefused(`${b64({ ...header, alg: 'none' })}.${b64(good())}.`);
    await expectRefused(forged({ ...header, alg: 'ES256' }));
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await expectRefused(await sign(good(), { ...header, alg: 'ES256' }, ec));
  });

  test('with an extension that must be understood is refused', async () => {
    await expectRefused(forged({ ...header, crit: ['b64'], b64: false }));
    await expectRefused(forged({ ...header, crit: ['x'], x: 1 }));
    await expectRefused(forged({ ...header, crit: [] }));
  });

  test.each([
    ['empty', ''],
    ['two parts', 'a.b'],
    ['five parts, as if encrypted', 'a.b.c.d.e'],
    ['dots', '.'.repeat(10_000)],
    ['no JSON', `${b64('junk')}.${b64('junk')}.${b64('junk')}`],
    ['a header that is null', `${b64(null)}.${b64({})}.AAAA`],
    ['100 KB', `${b64(header)}.${'A'.repeat(100_000)}.AAAA`],
  ])('that is %s is refused at little cost', async (_, token) => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const start = cpuMs();
      await expectRefused(token);
      times.push(cpuMs() - start);
    }
    // The least of some is what the work costs, whatever else the machine does.
    expect(Math.min(...times)).toBeLessThan(20);
  });

  test('spelt differently is checked for itself', async () => {
    const token = await tokens.issue(claims);
    await tokens.verify(token);
    const [head, payload, signature = ''] = token.split('.');
    const tampered = b64({
      ...(JSON.parse(Buffer.from(payload as string, 'base64url').toString()) as object),
      ws: ID.replace(/1$/, '2'),
    });
    await expectRefused(`${head}.${tampered}.${signature}`);
  });

  test('that was seen before costs next to nothing', async () => {
    const token = await tokens.issue(claims);
    await tokens.verify(token);
    const start = cpuMs();
    for (let round = 0; round < 1000; round += 1) await tokens.verify(token);
    // A signature checked costs 0.1 ms.
    expect(cpuMs() - start).toBeLessThan(60);
  });
});
