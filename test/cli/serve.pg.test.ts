import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { processExists } from '../../src/server/database/embedded/process-identity.ts';
import { openEmptyDatabase, openTestDatabase } from '../support/database.ts';
import { query } from '../support/embedded.ts';
import { runLeadZen, startServerProcess } from '../support/server-process.ts';

const newFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'leadzen-serve-'));
  // A PostgreSQL whose server was killed is still on its way out.
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 20 }) };
};

/** The requests of the banner, as somebody would paste them. */
const pasted = async (banner: string): Promise<string[]> => {
  const commands = banner.slice(banner.indexOf('  curl'), banner.indexOf('Ctrl-C')).replace(/^Then .*$/m, 'echo');
  const { stdout } = await promisify(execFile)('bash', ['-c', commands]);
  return stdout.split('\n').filter((line) => line !== '');
};

describe('with the embedded PostgreSQL', () => {
  test('it starts on an empty folder, the pasted requests work, and a signal leaves nothing running', async () => {
    await using folder = await newFolder();
    await using server = await startServerProcess({ LEADZEN_DATA_DIR: folder.path });
    expect(server.printed()).toContain(folder.path);
    expect(server.printed()).toContain(`${server.address}/docs`);
    const answers = (await pasted(server.printed())).map((line) => JSON.parse(line));
    expect(answers).toMatchObject([{ workspace: { name: 'Acme' } }, { head: expect.any(Number), results: [] }]);
    expect((await fetch(`${server.address}/health/ready`)).status).toBe(200);
    const postmaster = Number((await readFile(join(folder.path, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(processExists(postmaster)).toBe(false);
    expect(await readdir(folder.path)).not.toContain('lock');
  });

  test('after kill -9 the next start has everything that was acknowledged', async () => {
    await using folder = await newFolder();
    await using first = await startServerProcess({ LEADZEN_DATA_DIR: folder.path });
    await pasted(first.printed());
    await first.end('SIGKILL');
    await using second = await startServerProcess({ LEADZEN_DATA_DIR: folder.path });
    const [again] = await pasted(second.printed());
    expect(JSON.parse(again ?? '')).toMatchObject({ code: 'already_exists' });
    expect(await second.end('SIGINT')).toBe(0);
  });

  test('a second server on the folder ends with a clear refusal, and so does one whose port is taken', async () => {
    await using folder = await newFolder();
    await using other = await newFolder();
    await using server = await startServerProcess({ LEADZEN_DATA_DIR: folder.path });
    const onFolder = await runLeadZen(['serve'], { LEADZEN_DATA_DIR: folder.path, PORT: '0' });
    expect(onFolder).toMatchObject({ code: 1, logged: expect.stringContaining(`process id ${server.pid}`) });
    const { port } = new URL(server.address);
    const onPort = await runLeadZen(['serve'], { LEADZEN_DATA_DIR: other.path, PORT: port });
    expect(onPort).toMatchObject({ code: 1, logged: expect.stringContaining('another program listens there') });
    expect(onPort.logged).not.toContain('    at ');
    const migrated = await runLeadZen(['migrate'], { LEADZEN_DATA_DIR: folder.path });
    expect(migrated).toMatchObject({ code: 0, printed: expect.stringContaining('0001 event_log') });
  });
});

describe('with DATABASE_URL', () => {
  test('it serves from that database and hides the password', async () => {
    await using opened = await openTestDatabase();
    await using server = await startServerProcess({ DATABASE_URL: opened.url });
    const { password } = new URL(opened.url);
    expect(server.printed()).toContain('(DATABASE_URL)');
    expect(server.printed() + server.logged()).not.toContain(password);
    expect((await fetch(`${server.address}/health/ready`)).status).toBe(200);
    expect(await server.end('SIGTERM')).toBe(0);
  });

  test('a database that answers before it is durable is refused by the name of the setting', async () => {
    await using empty = await openEmptyDatabase();
    await query(empty.url, `alter database ${new URL(empty.url).pathname.slice(1)} set synchronous_commit = off`);
    const ended = await runLeadZen(['serve'], { DATABASE_URL: empty.url });
    expect(ended).toMatchObject({ code: 1, logged: expect.stringContaining('synchronous_commit = off') });
  });

  test('a wrong password is told at once, without waiting and without repeating it', async () => {
    await using opened = await openTestDatabase();
    const url = Object.assign(new URL(opened.url), { password: 'wrong-secret' }).href;
    const ended = await runLeadZen(['serve'], { DATABASE_URL: url });
    expect(ended).toMatchObject({ code: 1, logged: expect.stringContaining('password authentication failed') });
    expect(ended.logged).not.toContain('wrong-secret');
  });

  test('a database that comes up later is waited for', async () => {
    await using opened = await openTestDatabase();
    // A port where nothing listens yet; then a relay to the database.
    const relay = createServer();
    const listen = (port: number) => new Promise<void>((resolve) => void relay.listen(port, '127.0.0.1', resolve));
    await listen(0);
    const address = relay.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await new Promise((resolve) => void relay.close(resolve));
    const url = `postgresql://nobody@127.0.0.1:${port}/${new URL(opened.url).pathname.slice(1)}`;
    relay.on('connection', (socket) => socket.end('E\0\0\0\x2aSFATAL\0C28000\0Mit is there, and says no\0\0'));
    const ended = await runLeadZen(['serve'], { DATABASE_URL: url }, (logged) => {
      if (!relay.listening && logged.includes('waiting for PostgreSQL')) relay.listen(port, '127.0.0.1');
    });
    expect(ended.logged).toMatch(/waiting for PostgreSQL[^]*it is there, and says no/);
    relay.close();
  });
});

describe('the command line', () => {
  test('a mistake in the environment is one line each, exit code 2', async () => {
    const ended = await runLeadZen(['serve'], { PORT: 'x', LOG_LEVEL: 'loud' });
    expect(ended.code).toBe(2);
    expect(ended.logged.trim().split('\n')).toHaveLength(2);
  });

  test('in production nothing is served in the clear, which one line says', async () => {
    const ended = await runLeadZen(['serve'], { NODE_ENV: 'production', PORT: '0' });
    expect(ended).toMatchObject({ code: 1, logged: expect.stringMatching(/TLS_CERT and TLS_KEY, or TRUST_PROXY/) });
    expect(ended.logged.trim().split('\n')).toHaveLength(1);
  });

  test('unknown commands and options are told, exit code 2', async () => {
    expect(await runLeadZen(['sevre'], {})).toMatchObject({ code: 2, logged: expect.stringContaining('"sevre"') });
    expect(await runLeadZen(['serve', '--fast'], {})).toMatchObject({
      code: 2,
      logged: expect.stringContaining('--fast'),
    });
  });

  test.each(['serve', 'migrate', 'import', 'rebuild', 'keys', 'user'])(
    '%s --help says how it is called',
    async (name) => {
      expect(await runLeadZen([name, '--help'], {})).toMatchObject({
        code: 0,
        printed: expect.stringContaining(`leadzen ${name}`),
      });
    },
  );
});
