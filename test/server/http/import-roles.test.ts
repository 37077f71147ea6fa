import { expect, test } from 'vitest';
import type { Role } from '../../../src/shared/contract/events/user.ts';
import { buildApp } from '../../../src/server/http/app.ts';
import { authorized, fakeAuth, fakeParts, principal, sessionFor, TOKEN } from './fake-parts.ts';

const statusFor = async (role: Role): Promise<number> => {
  const session = { ...sessionFor(TOKEN), principal: { ...principal, role } };
  const app = await buildApp(
    fakeParts({
      auth: fakeAuth({ authenticate: async () => session }),
      imports: {
        start: async () => ({ ok: false, error: ['The file is empty.'] }),
        job: async () => undefined,
        position: async () => 0,
        verdicts: async () => [],
        revert: async () => ({ ok: false, error: 'no' }),
        close: async () => {},
      },
    }),
  );
  const headers = { ...authorized, 'content-type': 'text/csv' };
  const answer = await app.inject({ method: 'POST', url: '/api/imports?type=leads', headers, payload: '' });
  await app.close();
  return answer.statusCode;
};

test('only admins and managers import', async () => {
  const statuses: Record<string, number> = {};
  for (const role of ['admin', 'manager', 'rep', 'analyst', 'auditor'] as const) statuses[role] = await statusFor(role);
  expect(statuses).toEqual({ admin: 400, manager: 400, rep: 403, analyst: 403, auditor: 403 });
});
