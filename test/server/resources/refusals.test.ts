import { expect, test } from 'vitest';
import { problemOfRejection, refusalAmong } from '../../../src/server/resources/refusals.ts';
import type { PushResult } from '../../../src/shared/contract/sync.ts';

test('an invalid event names the fields as the body has them', () => {
  const fields = [{ path: 'data.amountMinor', message: 'must not be negative' }];
  const { body } = problemOfRejection({ code: 'invalid', message: 'data.amountMinor: must not be negative', fields });
  expect(body).toMatchObject({
    status: 400,
    code: 'invalid_request',
    detail: 'amountMinor: must not be negative.',
    errors: [{ path: 'amountMinor' }],
  });
});

test.each([
  ['unknown_stream', undefined, 404, 'not_found'],
  ['unknown_stream', [{ path: 'data.companyId', message: 'there is no such company' }], 400, 'invalid_request'],
  ['forbidden', undefined, 403, 'forbidden'],
  ['archived', undefined, 409, 'archived'],
  ['already_resolved', undefined, 409, 'already_resolved'],
  ['id_reuse', undefined, 409, 'id_reuse'],
  // What is there does not allow it: no field of the request is wrong.
  ['invalid', undefined, 409, 'wrong_state'],
  ['invalid', [{ path: 'data.stageId', message: 'is no stage of the pipeline' }], 400, 'invalid_request'],
] as const)('%s with the fields %j is answered with %d %s', (code, fields, status, answered) => {
  const rejection = { code, message: 'no', ...(fields === undefined ? {} : { fields }) };
  expect(problemOfRejection(rejection).body).toMatchObject({ status, code: answered });
});

test('of a refused group the culprit is answered, not what it blocked', () => {
  const blocked = { id: 'a', status: 'rejected', code: 'blocked', message: '' } as PushResult;
  const culprit = { id: 'b', status: 'rejected', code: 'invalid', message: '' } as PushResult;
  const accepted = { id: 'c', status: 'accepted', position: 1, version: 1, clock: '' } as PushResult;
  expect(refusalAmong([blocked, culprit])).toBe(culprit);
  expect(refusalAmong([accepted])).toBeUndefined();
});
