import { createElement, type FunctionComponent } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useDeals, useLeads, useRecordStatus, useSyncStatus } from '../../src/client/react.ts';
import type { LeadZen } from '../../src/client/index.ts';
import { newcomer, openTestApp, type TestApp } from '../support/app.ts';
import { networkTo, phoneOn } from '../support/app-phone.ts';

let server: TestApp;
beforeAll(async () => {
  server = await openTestApp();
});
afterAll(() => server[Symbol.asyncDispose]());

/** What one sees of a phone at this moment. */
const screen = (leadzen: LeadZen, leadId: string): string => {
  const Screen: FunctionComponent = () => {
    const leads = useLeads(leadzen, { status: 'new' });
    const deals = useDeals(leadzen);
    const { state, pending } = useSyncStatus(leadzen);
    const status = useRecordStatus(leadzen, leadId);
    return createElement('p', null, [state, pending, status, leads.length, deals.length].join(' '));
  };
  return renderToString(createElement(Screen));
};

test('hooks show where a record and syncing stand', async () => {
  const { leadzen } = phoneOn(networkTo(server.app));
  await leadzen.signUp(newcomer() as never);
  const { id } = await leadzen.leads.create({ name: 'Ada' });
  expect(screen(leadzen, id)).toBe('<p>idle 1 saved 0 0</p>');
  await leadzen.sync();
  expect(screen(leadzen, id)).toBe('<p>idle 0 confirmed 0 0</p>');
});
