import { spawn } from 'node:child_process';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import { openTestApp, PASSWORD, postJson, signUp, type TestApp } from '../support/app.ts';
import { newAddress, signIn } from '../support/people.ts';
import { runLeadZen } from '../support/server-process.ts';

let server: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  server = await openTestApp();
  admin = await signUp(server.app);
});
afterAll(() => server[Symbol.asyncDispose]());

const leadzen = (...args: readonly string[]) => runLeadZen(args, { DATABASE_URL: server.test.url });
const add = (email: string, ...more: readonly string[]) =>
  leadzen('user', 'add', '--name', 'Bob', '--email', email, '--role', 'rep', ...more);

describe('leadzen user add', () => {
  test('prints an invitation that lets the user in', async () => {
    const email = newAddress();
    const ended = await add(email);
    expect(ended).toMatchObject({ code: 0, logged: '' });
    const token = /invitation (lzi_\S+) until/.exec(ended.printed)?.[1];
    const answer = await postJson(server.app, '/api/auth/accept-invitation', { token, password: PASSWORD });
    expect(answer.json()).toMatchObject({ user: { name: 'Bob', email, role: 'rep' }, workspace: admin.workspace });
  });

  test('takes a password from standard input', async () => {
    const email = newAddress();
    const args = ['src/main.ts', 'user', 'add', '--name', 'Bob', '--email', email, '--role', 'rep', '--password-stdin'];
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, args, { env: { PATH, HOME, DATABASE_URL: server.test.url } });
    child.stdin.end(`${PASSWORD}\n`);
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect((await signIn(server, email)).user).toMatchObject({ email, role: 'rep' });
  });

  test('is refused where the address is taken, and tells what is wrong with an option', async () => {
    const taken = await add(String(admin.user.email));
    expect(taken).toMatchObject({ code: 1, logged: expect.stringContaining('There is a user with this e-mail') });
    expect(taken.logged).not.toContain('    at ');
    expect(await add('bob')).toMatchObject({ code: 2, logged: expect.stringContaining('--email') });
    expect(await leadzen('user', 'remove')).toMatchObject({ code: 2 });
  });
});

describe('leadzen analyst', () => {
  test('adds a login whose address works, lists it and removes it', async () => {
    const added = await leadzen('analyst', 'add', '--name', 'BI tool');
    expect(added).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/^added BI tool as lz_[0-9a-f]{16}\npostgres/),
    });
    const [, login = '', url = ''] = /as (lz_\S+)\n(\S+)/.exec(added.printed) ?? [];
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    expect((await client.query('select count(*)::int as n from crm.deal')).rows).toEqual([{ n: 0 }]);
    expect((await leadzen('analyst', 'list')).printed).toContain(`${login}  `);
    expect(await leadzen('analyst', 'remove', login)).toMatchObject({ code: 0, printed: `removed ${login}\n` });
    expect((await leadzen('analyst', 'list')).printed).toBe('there are no logins of analysts\n');
    expect(await leadzen('analyst', 'remove', login)).toMatchObject({ code: 1 });
    expect(await leadzen('analyst', 'add')).toMatchObject({ code: 2 });
    await client.end();
  });
});

describe('leadzen keys rotate', () => {
  test('publishes one key, however often it is called', async () => {
    const first = await leadzen('keys', 'rotate', '--in', '5');
    expect(first).toMatchObject({ code: 0, printed: expect.stringMatching(/^the key \S{36} signs from 20/) });
    const again = await leadzen('keys', 'rotate');
    expect(again.printed).toBe(`no key was made: ${first.printed}`);
    const { rowCount } = await server.test.database.owner.query(`select from signing_key where purpose = 'access'`);
    expect(rowCount).toBe(2);
  });

  test.each([['--in', '0'], ['--in', 'soon'], ['--now']])('does not take %s %s', async (...args) => {
    expect(await leadzen('keys', 'rotate', ...args)).toMatchObject({ code: 2 });
  });
});
