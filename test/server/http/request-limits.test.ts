import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { buildApp } from '../../../src/server/http/app.ts';
import type { HttpConfig } from '../../../src/server/http/parts.ts';
import type { RequestQuotas } from '../../../src/server/http/request-limits.ts';
import { DEVICE, fakeParts, TOKEN } from './fake-parts.ts';

let app: FastifyInstance;
afterEach(() => app.close());

const QUOTAS: RequestQuotas = { address: 1000, account: 1000, device: 1000 };
const open = async (quotas: Partial<RequestQuotas> | undefined, config: Partial<HttpConfig> = {}): Promise<void> => {
  const requestQuotas = quotas === undefined ? undefined : { ...QUOTAS, ...quotas };
  app = await buildApp(fakeParts({ config: { corsOrigins: [], trustProxy: [], requestQuotas, ...config } }));
};
const sync = (token = TOKEN, from = '192.0.2.1', headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/sync',
    remoteAddress: from,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    payload: '{"protocol":1}',
  });
const status = async (...given: Parameters<typeof sync>) => (await sync(...given)).statusCode;

describe('the rate of requests', () => {
  test('is told with every answer, as the IETF draft says', async () => {
    await open({ device: 3 });
    const { headers } = await sync();
    expect(headers['ratelimit-policy']).toBe('"address";q=1000;w=60, "account";q=1000;w=60, "device";q=3;w=60');
    expect(headers['ratelimit']).toBe('"device";r=2;t=20');
  });

  test('of a device above its quota is refused, with the time to wait', async () => {
    await open({ device: 2 });
    expect([await status(), await status()]).toEqual([200, 200]);
    const refused = await sync();
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'rate_limited', detail: expect.stringContaining('device') });
    expect(refused.headers).toMatchObject({ 'retry-after': '30', ratelimit: '"device";r=0;t=60' });
  });

  test('of an account leaves other accounts alone', async () => {
    await open({ account: 2 });
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    expect(await status(`${TOKEN}:${DEVICE}`)).toBe(200);
  });

  test('of an address is counted before anybody is asked who he is', async () => {
    await open({ address: 2 });
    expect([await status('bad'), await status('bad'), await status()]).toEqual([401, 401, 429]);
    expect(await status(TOKEN, '192.0.2.2')).toBe(200);
  });

  test('of an IPv6 address is that of its /64', async () => {
    await open({ address: 2 });
    const from = (host: string) => status(TOKEN, `2001:db8::${host}`);
    expect([await from('1'), await from('2'), await from('3')]).toEqual([200, 200, 429]);
    expect(await status(TOKEN, '2001:db8:0:1::1')).toBe(200);
  });

  test('does not count who asks for the health', async () => {
    await open({ address: 1 });
    for (let time = 0; time < 5; time += 1) expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  test('is not limited where that is switched off', async () => {
    await open(undefined);
    const { headers } = await sync();
    expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  });
});

describe('what a proxy says', () => {
  const forwarded = (address: string) => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'https' });

  test('counts where the proxy is trusted, and only there', async () => {
    await open({ address: 1 }, { trustProxy: ['10.0.0.0/8'] });
    const proxy = '10.0.0.1';
    expect([
      await status(TOKEN, proxy, forwarded('192.0.2.1')),
      await status(TOKEN, proxy, forwarded('192.0.2.2')),
    ]).toEqual([200, 200]);
    const stranger = '192.0.2.9';
    await sync(TOKEN, stranger, { 'x-forwarded-for': '192.0.2.3' });
    expect(await status(TOKEN, stranger, { 'x-forwarded-for': '192.0.2.4' })).toBe(429);
  });

  test('is ignored where no proxy was named', async () => {
    await open({ address: 1 });
    const answer = await sync(TOKEN, '192.0.2.1', forwarded('192.0.2.5'));
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    expect(await status(TOKEN, '192.0.2.1', forwarded('192.0.2.6'))).toBe(429);
  });

  test('of https brings HSTS; of http is refused and not redirected', async () => {
    await open({}, { trustProxy: ['10.0.0.0/8'] });
    const secure = await sync(TOKEN, '10.0.0.1', forwarded('192.0.2.1'));
    expect(secure.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    const plain = await sync(TOKEN, '10.0.0.1', { 'x-forwarded-proto': 'http' });
    expect([plain.statusCode, plain.json<{ code: string }>().code]).toEqual([403, 'https_required']);
    expect(plain.headers['location']).toBeUndefined();
    expect((await app.inject({ url: '/health/live', remoteAddress: '10.0.0.1' })).statusCode).toBe(200);
    // Who is no proxy cannot claim to have come by https.
    expect(await status(TOKEN, '192.0.2.9', forwarded('192.0.2.1'))).toBe(403);
  });
});
