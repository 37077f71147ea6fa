import { describe, expect, test } from 'vitest';
import { type Environment, parseConfig } from '../src/config.ts';

const config = (env: Environment) => {
  const parsed = parseConfig(env);
  if (!parsed.ok) throw new Error(parsed.error.join('; '));
  return parsed.value;
};
const mistakes = (env: Environment) => {
  const parsed = parseConfig(env);
  return parsed.ok ? [] : parsed.error;
};

test('an empty environment is enough, and only this machine can reach the server', () => {
  expect(config({})).toEqual({
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: undefined,
    dataDir: '.leadzen',
    logLevel: 'info',
    tls: undefined,
    trustProxy: [],
    corsOrigins: [],
    rateLimit: true,
    columnsMemoryMb: 512,
    production: false,
  });
});

test('a setting that is empty counts as not set', () => {
  expect(config({ PORT: '', DATABASE_URL: ' ', TLS_CERT: '', TRUST_PROXY: '' })).toEqual(config({}));
});

test('behind TLS or a proxy the server listens everywhere, unless HOST says otherwise', () => {
  expect(config({ TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem' }).host).toBe('0.0.0.0');
  expect(config({ TRUST_PROXY: '10.0.0.0/8, ::1' })).toMatchObject({
    host: '0.0.0.0',
    trustProxy: ['10.0.0.0/8', '::1'],
  });
  expect(config({ TRUST_PROXY: '10.1.2.3', HOST: '10.9.9.9' }).host).toBe('10.9.9.9');
});

test('0 MB means no copies by columns', () => {
  expect(config({ COLUMNS_MEMORY_MB: '0' }).columnsMemoryMb).toBe(0);
});

describe('one line names each mistake', () => {
  test.each([
    { PORT: '65536' },
    { PORT: '-1' },
    { PORT: '3000x' },
    { PORT: '1e3' },
    { HOST: 'not a host' },
    { DATABASE_URL: 'mysql://host/database' },
    { DATABASE_URL: 'postgresql://host:port:port/x' },
    { LOG_LEVEL: 'loud' },
    { RATE_LIMIT: 'maybe' },
    { COLUMNS_MEMORY_MB: '63' },
    { COLUMNS_MEMORY_MB: '1 GB' },
    { COLUMNS_MEMORY_MB: '-1' },
    { TLS_CERT: 'cert.pem' },
    { TLS_KEY: 'key.pem' },
    { TRUST_PROXY: 'true' },
    { TRUST_PROXY: '1' },
    { TRUST_PROXY: '0.0.0.0/0' },
    { TRUST_PROXY: '10.0.0.0/33' },
    { TRUST_PROXY: '10.0.0.0/8/8' },
    { TRUST_PROXY: 'proxy.example.com' },
    { CORS_ORIGINS: '*' },
    { CORS_ORIGINS: 'https://app.example.com/' },
    { CORS_ORIGINS: 'https://app.example.com/path' },
    { CORS_ORIGINS: 'javascript:alert(1)' },
  ])('%o', (env) => {
    const [name = ''] = Object.keys(env);
    expect(mistakes(env)).toEqual([expect.stringMatching(new RegExp(`^${name.replace(/^TLS_.*/, 'TLS_CERT')}.{10,}`))]);
  });

  test('all of them at once', () => {
    expect(mistakes({ PORT: 'x', LOG_LEVEL: 'loud', TRUST_PROXY: 'true' })).toHaveLength(3);
  });

  test('a password in a mistaken url is not repeated', () => {
    expect(mistakes({ DATABASE_URL: 'postgres//user:secret@host/database' }).join()).not.toContain('secret');
  });
});
