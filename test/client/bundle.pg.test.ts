import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleClient } from '../../scripts/client-bundle.ts';
import type { createLeadZen as Create } from '../../src/client/create-leadzen.ts';
import { newcomer, openTestApp, type TestApp } from '../support/app.ts';
import { mapSecrets, mapStorage, networkTo } from '../support/app-phone.ts';
import { caller, expectOk, signIn } from '../support/people.ts';

const folder = mkdtempSync(join(tmpdir(), 'leadzen-bundle-'));
let server: TestApp;
let createLeadZen: typeof Create;

beforeAll(async () => {
  const file = join(folder, 'index.mjs');
  await bundleClient('src/client/index.ts', file);
  ({ createLeadZen } = (await import(pathToFileURL(file).href)) as { createLeadZen: typeof Create });
  server = await openTestApp();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server[Symbol.asyncDispose]();
});

test('the bundle, which leaves out what it gets by state, follows what others do all the same', async () => {
  const ada = newcomer() as { email: string };
  const leadzen = createLeadZen({
    baseUrl: 'http://leadzen.test',
    storage: mapStorage(),
    secrets: mapSecrets(),
    fetch: networkTo(server.app),
    autoSync: false,
  });
  const { user } = await leadzen.signUp(ada as never);
  const lead = await leadzen.leads.create({ name: 'Grace', amountMinor: 5, currency: 'EUR' });
  expect(await leadzen.sync()).toMatchObject({ pushed: 1, upToDate: true });
  const call = caller(server, (await signIn(server, ada.email)).accessToken);
  const team = expectOk(await call('POST', '/api/teams', { name: 'North' }));
  expectOk(await call('PATCH', `/api/teams/${team['id']}`, { name: 'South' }));
  expectOk(await call('PATCH', `/api/leads/${lead.id}`, { title: 'Admiral' }));
  expectOk(
    await call('POST', `/api/leads/${lead.id}/shares`, { with: { type: 'team', id: team['id'] }, access: 'read' }),
  );

  expect(await leadzen.sync()).toMatchObject({ upToDate: true });
  expect((await leadzen.teams.list()).items).toMatchObject([{ name: 'South', needsUpdate: false }]);
  const shared = await leadzen.leads.get(lead.id);
  expect(shared).toMatchObject({ title: 'Admiral', shares: [{ with: { id: team['id'] } }], needsUpdate: false });
  expect(await leadzen.leads.update(lead.id, { ownerId: user.id, title: 'Rear admiral' })).toMatchObject({
    title: 'Rear admiral',
  });
  await leadzen.leads.convert(lead.id, { deal: { name: 'Compiler' } });
  expect(await leadzen.sync()).toMatchObject({ refused: 0, conflicts: 0, upToDate: true });
  await leadzen.close();
});
