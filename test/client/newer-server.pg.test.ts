import { afterAll, beforeAll, expect, test } from 'vitest';
import { newcomer, openTestApp, type TestApp } from '../support/app.ts';
import { networkTo, phoneOn, rewriting } from '../support/app-phone.ts';

let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

test('a record changed by an event of a newer app stays on view, takes no edit, and stops nothing', async () => {
  let strange: object[] = [];
  const phone = phoneOn(
    rewriting(networkTo(server.app), (answer) => ({ ...answer, ops: [...(answer['ops'] as object[]), ...strange] })),
  );
  const { leadzen } = phone;
  await leadzen.signUp(newcomer() as never);
  const lead = await leadzen.leads.create({ name: 'Ada' });
  await leadzen.sync();
  const at = '2030-01-01T00:00:00.000Z-0000-00000000-0000-0000-0000-000000000000';
  const op = { op: 'event', position: 99, scope: lead.id, actor: lead.id, device: lead.id, at, clock: at };
  const rest = { recordedAt: '2026-11-25T10:00:00.000Z', superseded: [], data: { planet: 'Mars' } };
  const moved = { ...op, ...rest, stream: { type: 'lead', id: lead.id }, root: lead.id, id: lead.id };
  const rover = '01900000-0000-7000-8000-000000000001';
  strange = [
    { ...moved, version: 2, type: 'LeadTeleported', schemaVersion: 1 },
    { ...moved, version: 3, type: 'LeadDetailsChanged', schemaVersion: 1, data: { title: 'Unread' } },
    { op: 'enter', position: 98, version: 1, stream: { type: 'rover', id: rover }, state: { wheels: 6 }, clocks: {} },
  ];
  expect(await leadzen.sync()).toMatchObject({ pulled: 3, upToDate: true });
  strange = [];

  expect(await leadzen.leads.get(lead.id)).toMatchObject({ name: 'Ada', title: null, needsUpdate: true });
  await expect(leadzen.leads.update(lead.id, { title: 'Countess' })).rejects.toMatchObject({ code: 'update_app' });
  const other = await leadzen.leads.create({ name: 'Grace' });
  expect(await leadzen.sync()).toMatchObject({ pushed: 1, upToDate: true });
  expect(leadzen.status(other.id)).toBe('confirmed');
});
