import { describe, expect, test } from 'vitest';
import { emailAddress } from '../../../src/shared/contract/email-address.ts';
import { email } from '../../../src/shared/contract/identity.ts';

const local = (length: number): string => `${'a'.repeat(length - '@example.com'.length)}@example.com`;

describe('an e-mail address is the same in a request and in an event', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace+crm@Example.CO.uk ', 'ada.lovelace+crm@example.co.uk'],
    ["o'neill_7@x-y.example", "o'neill_7@x-y.example"],
    [local(254), local(254)],
  ])('%j is one, kept as %j', (text, kept) => {
    expect(emailAddress.safeParse(text)).toEqual({ success: true, data: kept });
    expect(email.safeParse(text)).toEqual({ success: true, data: kept });
  });

  test.each([
    '',
    ' ',
    'ada',
    'ada@',
    '@example.com',
    'ada@example',
    'ada@example..com',
    'ada@-example.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    'ada@example.com, bob@example.com',
    'ada lovelace@example.com',
    'ada@example.com\nbcc: bob@example.com',
    'Ada <ada@example.com>',
    'ädä@example.com',
    'ada@example.c0m',
    local(255),
    7,
    null,
  ])('%j is none', (text) => {
    expect([emailAddress.safeParse(text).success, email.safeParse(text).success]).toEqual([false, false]);
  });

  test('a text that almost is one takes no time', () => {
    const started = performance.now();
    for (const text of ['a'.repeat(30_000), `${'a.'.repeat(15_000)}@`, `a@${'a.'.repeat(15_000)}`, 'a-'.repeat(15_000)])
      expect(emailAddress.safeParse(text).success || email.safeParse(text).success).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
