import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../../src/server/http/strict-json.ts';
import { firstFlaw } from '../../../src/shared/base/ijson.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import { cpuMs } from '../../support/cpu-time.ts';

const codeOf = (body: string | Buffer, judgedLater?: string): string => {
  try {
    parseStrictJson(Buffer.from(body as string), judgedLater);
    return 'taken';
  } catch (error) {
    if (error instanceof Problem) return error.body.code;
    throw error;
  }
};

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('a body is refused as unreadable', () => {
  test.each([
    ['empty', ''],
    ['white space', '  '],
    ['cut off', '{"a":'],
    ['an open brace', '{'],
    ['a trailing comma', '{"a":1,}'],
    ['NaN', '{"a":NaN}'],
    ['Infinity', '[Infinity]'],
    ['two documents', '{} {}'],
    ['single quotes', "{'a':1}"],
    ['a comment', '{}//'],
    ['an unfinished string', '"abc'],
    ['an unfinished escape', '"abc\\'],
    ['a raw control character', '"a\u0001b"'],
    ['a leading zero', '[01]'],
    ['a form feed as white space', '[\f1]'],
    ['a byte order mark', '\uFEFF{}'],
    ['33 levels', nested(33)],
    ['200,000 levels', nested(200_000)],
    ['200,000 unclosed levels', '['.repeat(200_000)],
    ['200,001 values', `[${'1,'.repeat(200_000)}1]`],
    ['equal keys', '{"a":1,"a":2}'],
    ['equal keys, one of them escaped', '{"a":1,"\\u0061":2}'],
    ['equal keys inside an event', '{"events":[{"a":{"b":1,"b":1}}]}'],
    ['equal keys named __proto__', '{"__proto__":1,"__proto__":2}'],
  ])('%s', (_, body) => {
    expect(codeOf(body, 'events')).toBe('invalid_json');
  });

  test.each([
    ['bytes FF FE in a string', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a surrogate in UTF-8 (CESU-8)', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a cut character', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ])('%s', (_, body) => {
    expect(codeOf(body)).toBe('invalid_json');
  });
});

describe('a value is refused outside of events, and left to its own verdict inside one', () => {
  test.each([
    ['a NUL', '"\\u0000"'],
    ['half a surrogate pair', '"\\ud800"'],
    ['the other half', '"a\\udc00b"'],
    ['a NUL in a key', '{"\\u0000":1}'],
    ['half a surrogate pair in a key', '{"\\udfff":1}'],
    ['1e400', '1e400'],
    ['-1e400', '-1e400'],
    ['2^53 + 1', '9007199254740993'],
    ['a negative zero', '-0'],
    ['__proto__', '{"__proto__":{"admin":true}}'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}'],
  ])('%s', (_, value) => {
    expect(codeOf(`{"a":[${value}],"events":[]}`, 'events')).toBe('invalid_request');
    expect(codeOf(`{"events":[{"a":${value}}]}`)).toBe('invalid_request');
    expect(codeOf(`{"events":[{"a":${value}}]}`, 'events')).toBe('taken');
  });

  test('and the problem names the place', () => {
    expect(() => parseStrictJson(Buffer.from('{"a":{"b":[1,"\\u0000"]}}'))).toThrow(
      expect.objectContaining({
        body: expect.objectContaining({ errors: [{ path: 'a.b.1', message: expect.any(String) }] }),
      }),
    );
  });
});

describe('a body is taken', () => {
  test.each([
    ['32 levels', nested(32)],
    ['200,000 values', `[${'1,'.repeat(199_998)}1]`],
    ['colons, braces and quotes in strings', '{"a:b":"{:[,\\"}:","c":[":"]}'],
    ['a backslash before a quote', '{"a":"\\\\","b":1}'],
    ['an empty key', '{"":1}'],
    ['a surrogate pair by escapes', '"\\ud83d\\ude00"'],
    ['text of every length', '"é漢😀"'],
    ['2^53 - 1', '9007199254740991'],
    ['white space around', ' \t\r\n{}\n'],
    ['constructor as a key', '{"constructor":{"prototype":{}}}'],
  ])('%s', (_, body) => {
    expect(parseStrictJson(Buffer.from(body))).toEqual(JSON.parse(body));
  });

  test('without touching any prototype', () => {
    parseStrictJson(Buffer.from('{"events":[{"__proto__":{"polluted":1}}]}'), 'events');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

test('a bomb is refused at little cost', () => {
  const bomb = Buffer.from(nested(200_000));
  const start = cpuMs();
  codeOf(bomb);
  expect(cpuMs() - start).toBeLessThan(100);
});

describe('whatever the body', () => {
  // JSON.stringify writes -0 as 0: only what was written and read again is what a client sends.
  const json = fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

  test('a value that JSON can say is read as JSON reads it, or called flawed', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        if (firstFlaw(JSON.parse(text)) === undefined)
          expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text));
        else expect(codeOf(text)).toBe('invalid_request');
      }),
      { seed: 20_261_122, numRuns: 2_000 },
    );
  });

  test('bytes changed anywhere are a problem or another value, and never a crash', () => {
    const change = fc.record({ value: json, at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.boolean() });
    fc.assert(
      fc.property(change, ({ value, at, byte, cut }) => {
        const bytes = Buffer.from(JSON.stringify(value));
        bytes[at % bytes.length] = byte;
        const sent = cut ? bytes.subarray(0, at % bytes.length) : bytes;
        expect(['taken', 'invalid_json', 'invalid_request']).toContain(codeOf(sent));
        if (codeOf(sent) === 'taken') expect(() => JSON.parse(sent.toString())).not.toThrow();
      }),
      { seed: 20_261_122, numRuns: 5_000 },
    );
  });
});
