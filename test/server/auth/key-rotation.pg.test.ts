import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rotateSigningKey } from '../../../src/server/auth/keys.ts';
import { createSigningKeys } from '../../../src/server/auth/signing-keys.ts';
import type { SignedIn, Tokens } from '../../../src/shared/contract/identity.ts';
import { openTestApp, postJson, signUp, type TestApp } from '../../support/app.ts';
import { caller, expectOk } from '../../support/people.ts';
import { openSecondApp, type SecondApp } from '../../support/second-app.ts';
import { watchedPool } from '../../support/watched-pool.ts';

let server: TestApp;
let second: SecondApp;
beforeAll(async () => {
  server = await openTestApp();
  second = await openSecondApp(server);
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);
const published = async (app = server.app): Promise<JSONWebKeySet> =>
  (await app.inject('/.well-known/jwks.json')).json<JSONWebKeySet>();

describe('the published keys', () => {
  test('verify our access tokens, and show nothing secret', async () => {
    const { accessToken, user } = await signUp(server.app);
    const response = await server.app.inject('/.well-known/jwks.json');
    expect(response.headers['cache-control']).toMatch(/^public, max-age=\d+$/);
    const keys = response.json<JSONWebKeySet>();
    expect(keys.keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: kidOf(accessToken), use: 'sig', alg: 'EdDSA' },
    ]);
    const options = { issuer: 'leadzen', audience: 'leadzen-api', typ: 'at+jwt' };
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(keys), options);
    expect(payload.sub).toBe(user.id);
  });
});

describe('a rotation', () => {
  test('under load on two servers brings a new key and not one 401', { timeout: 60_000 }, async () => {
    const { rows } = await server.test.database.owner.query<{ kid: string }>('select kid from signing_key');
    const before = new Set(rows.map(({ kid }) => kid));
    let people: { access: string; refresh: string }[] = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const { accessToken, refreshToken }: SignedIn = await signUp(server.app);
        return { access: accessToken, refresh: refreshToken };
      }),
    );
    const statuses = new Set<number>();
    const kids = new Set<string>();
    const round = async (at: number): Promise<void> => {
      // Each token is issued by one server and shown to the other.
      const [issuing, other] = at % 2 === 0 ? [server.app, second.app] : [second.app, server.app];
      people = await Promise.all(
        people.map(async ({ refresh }) => {
          const fresh = expectOk(await postJson(issuing, '/api/auth/refresh', { refreshToken: refresh })) as Tokens;
          kids.add(kidOf(fresh.accessToken));
          for (const app of [other, issuing]) {
            statuses.add((await caller({ app }, fresh.accessToken)('GET', '/api/me')).statusCode);
          }
          return { access: fresh.accessToken, refresh: fresh.refreshToken };
        }),
      );
    };
    const rotated = await rotateSigningKey(server.test.database.app, 13);
    const end = Date.parse(rotated.signsFrom) + 3000;
    let rounds = 0;
    while (Date.now() < end) {
      await round(rounds);
      rounds += 1;
      await delay(20);
    }
    expect([...statuses]).toEqual([200]);
    expect(kids.size).toBe(2);
    expect(kids.has(rotated.kid)).toBe(true);
    expect(before.has(rotated.kid)).toBe(false);
    expect((await published(second.app)).keys.map(({ kid }) => kid)).toContain(rotated.kid);
    expect(rounds).toBeGreaterThan(50);
  });

  test('is not begun while another key waits for its turn', async () => {
    const pool = server.test.database.app;
    const [first, again] = [await rotateSigningKey(pool, 3600), await rotateSigningKey(pool, 60)];
    expect([first.isNew, again]).toEqual([true, { kid: first.kid, signsFrom: first.signsFrom, isNew: false }]);
  });
});

describe('a key', () => {
  test('is published before it signs, verifies until its last token has expired, and then is gone', async () => {
    const opened = await openTestApp();
    const pool = opened.test.database.app;
    let now = Date.now();
    const keys = createSigningKeys(pool, () => now);
    const old = await keys.signer();
    const next = await rotateSigningKey(pool, 60);
    now += 11_000;
    expect((await keys.published()).map(({ kid }) => kid)).toEqual([old.kid, next.kid]);
    expect((await keys.signer()).kid).toBe(old.kid);
    // From here on the clock alone decides; the database is not asked again.
    await opened[Symbol.asyncDispose]();
    const turn = now + 61_000;
    now = turn;
    expect((await keys.signer()).kid).toBe(next.kid);
    now = turn + 700_000;
    expect(await keys.verifier(old.kid)).toBeDefined();
    now = turn + 740_000;
    expect(await keys.verifier(old.kid)).toBeUndefined();
    expect(await keys.anyVerifier(old.kid)).toBeDefined();
    expect((await keys.published()).map(({ kid }) => kid)).toEqual([next.kid]);
  });

  test('that nobody knows is asked for once a second at most', async () => {
    let reads = 0;
    const pool = watchedPool(server.test.database.app, (run) => {
      reads += 1;
      return run();
    });
    const keys = createSigningKeys(pool);
    for (let round = 0; round < 200; round += 1) expect(await keys.verifier(`unknown ${round}`)).toBeUndefined();
    expect(reads).toBeLessThanOrEqual(3);
  });
});
