import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile, chown, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { processExists, processStart } from '../../../src/server/database/embedded/process-identity.ts';
import { type Holder, hold, makeHome, query, type User, usersOf } from '../../support/embedded.ts';

const workshop = await mkdtemp(join(tmpdir(), 'leadzen-'));
await chmod(workshop, 0o755);
afterAll(() => rm(workshop, { recursive: true, force: true }));

const urlOf = async (holder: Holder): Promise<string> => {
  const report = await holder.next();
  if (report.url === undefined) throw new Error(JSON.stringify(report));
  return report.url;
};

const postmasterOf = async (folder: string): Promise<number> =>
  Number((await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);

const goneWithin = async (pid: number, milliseconds: number): Promise<boolean> => {
  const deadline = Date.now() + milliseconds;
  while ((await processStart(pid)) !== undefined) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
};

const writeAs = async (user: User, path: string, content: string): Promise<void> => {
  await writeFile(path, content);
  if (user.ids !== undefined) await chown(path, user.ids.uid, user.ids.gid);
};

const makeFolderAs = async (user: User, path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user.ids !== undefined) await chown(path, user.ids.uid, user.ids.gid);
};

const users = await usersOf(workshop);
const ordinary = users.at(-1);

describe.each(users)('as $name', (user) => {
  test('a new folder is made that only its owner may enter, and a restart keeps the data', async () => {
    await using home = await makeHome(user);
    const folder = join(home.path, 'data');
    const first = hold(user, folder);
    await query(await urlOf(first), 'create table kept as select 1 as one');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'postgres.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'postgres.password'))).mode & 0o777).toBe(0o600);
    const postmaster = await postmasterOf(folder);
    await first.end('SIGTERM');
    expect(processExists(postmaster)).toBe(false);
    expect(await readdir(folder)).not.toContain('lock');

    const second = hold(user, folder);
    expect(await query(await urlOf(second), 'select * from kept')).toEqual([{ one: 1 }]);
    await second.end('SIGTERM');
  });

  test('a server killed with -9 takes its PostgreSQL along, and the next start keeps what was committed', async () => {
    await using home = await makeHome(user);
    const first = hold(user, home.path);
    const url = await urlOf(first);
    await query(url, 'create table kept as select 1 as one');
    const postmaster = await postmasterOf(home.path);
    await first.end('SIGKILL');
    const second = hold(user, home.path);
    expect(await query(await urlOf(second), 'select * from kept')).toEqual([{ one: 1 }]);
    expect(await goneWithin(postmaster, 100)).toBe(true);
    await second.end('SIGTERM');
  });

  test('a PostgreSQL killed with -9 is started again on the same address', async () => {
    await using home = await makeHome(user);
    const holder = hold(user, home.path);
    const url = await urlOf(holder);
    await query(url, 'create table kept as select 1 as one');
    process.kill(await postmasterOf(home.path), 'SIGKILL');
    expect(await holder.next()).toMatchObject({ fatal: false });
    await expect.poll(() => query(url, 'select * from kept').catch(String), { timeout: 20_000 }).toEqual([{ one: 1 }]);
    await holder.end('SIGTERM');
  });

  test('locks that name processes which are gone, or are something else by now, are in nobody’s way', async () => {
    await using home = await makeHome(user);
    const first = hold(user, home.path);
    await urlOf(first);
    const pidFile = join(home.path, 'postgres/postmaster.pid');
    const held = await readFile(pidFile, 'utf8');
    await first.end('SIGTERM');
    // This very process is alive, and neither a LeadZen that started at that time nor a PostgreSQL.
    await writeAs(user, join(home.path, 'lock'), JSON.stringify({ pid: process.pid, start: '1' }));
    await writeAs(user, pidFile, held.replace(/^\d+/, String(process.pid)));
    const second = hold(user, home.path);
    expect(await query(await urlOf(second), 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.end('SIGTERM');
  });

  test('half-made folders do not stop a start, and nothing in them is deleted', async () => {
    await using home = await makeHome(user);
    await makeFolderAs(user, join(home.path, 'postgres.new-abc'));
    await makeFolderAs(user, join(home.path, 'postgres'));
    await writeAs(user, join(home.path, 'postgres/PG_VERSION'), '18\n');
    const holder = hold(user, home.path);
    expect(await query(await urlOf(holder), 'select 1 as one')).toEqual([{ one: 1 }]);
    const names = await readdir(home.path);
    const aside = names.find((name) => name.startsWith('postgres.incomplete-'));
    expect(await readdir(join(home.path, aside ?? ''))).toEqual(['PG_VERSION']);
    expect(names.filter((name) => name.startsWith('postgres.new-'))).toEqual([]);
    await holder.end('SIGTERM');
  });

  test('an initdb killed in the middle leaves nothing that stops the next start', async () => {
    await using home = await makeHome(user);
    const first = hold(user, home.path);
    await expect
      .poll(() => readdir(home.path).then((names) => names.join()), { interval: 5, timeout: 20_000 })
      .toMatch(/postgres\.new-/);
    await sleep(100);
    await first.end('SIGKILL');
    const second = hold(user, home.path);
    expect(await query(await urlOf(second), 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.end('SIGTERM');
  });

  test('a second server on the same folder is refused by name, and a command attaches', async () => {
    await using home = await makeHome(user);
    const first = hold(user, home.path);
    const url = await urlOf(first);
    const second = hold(user, home.path);
    expect((await second.next()).failed).toContain(`process id ${first.pid}`);
    const command = hold(user, home.path, 'attach');
    expect(await urlOf(command)).toBe(url);
    await command.end('SIGTERM');
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.end('SIGTERM');
  });

  test('where the path is too long for a socket it listens on the loopback interface, for those with the password', async () => {
    await using home = await makeHome(user);
    const holder = hold(user, join(home.path, 'a'.repeat(100)));
    const url = await urlOf(holder);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await expect(query(url.replace(/:[^:@]+@/, ':guess@'), 'select 1')).rejects.toThrow(
      /password authentication failed/,
    );
    await holder.end('SIGTERM');
  });
});

test('where nothing ties PostgreSQL to its server, one that outlived it is stopped by the next', async () => {
  if (ordinary === undefined) throw new Error('there is always a user');
  await using home = await makeHome(ordinary);
  const first = hold(ordinary, home.path, 'start', { PATH: '/nowhere' });
  await query(await urlOf(first), 'create table kept as select 1 as one');
  const orphan = await postmasterOf(home.path);
  await first.end('SIGKILL');
  await sleep(200);
  expect(await processStart(orphan)).toBeDefined();
  const second = hold(ordinary, home.path);
  expect(await query(await urlOf(second), 'select * from kept')).toEqual([{ one: 1 }]);
  expect(await goneWithin(orphan, 0)).toBe(true);
  await second.end('SIGTERM');
});

test('a folder with other people’s files is refused, and its rights stay as they are', async () => {
  if (ordinary === undefined) throw new Error('there is always a user');
  await using home = await makeHome(ordinary);
  await writeAs(ordinary, join(home.path, 'letters.txt'), 'Dear');
  await chmod(home.path, 0o755);
  expect((await hold(ordinary, home.path).next()).failed).toMatch(/holds other files/);
  expect((await stat(home.path)).mode & 0o777).toBe(0o755);
});

test('a folder that lost its PG_VERSION is refused instead of replaced', async () => {
  if (ordinary === undefined) throw new Error('there is always a user');
  await using home = await makeHome(ordinary);
  const first = hold(ordinary, home.path);
  await urlOf(first);
  await first.end('SIGTERM');
  await rm(join(home.path, 'postgres/PG_VERSION'));
  expect((await hold(ordinary, home.path).next()).failed).toMatch(/lost its PG_VERSION/);
});
