import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../../src/server/http/strict-json.ts';
import { Problem } from '../../../src/shared/contract/problem.ts';
import { FLAWED, type JsonText, TAKEN, UNREADABLE } from '../../support/json-cases.ts';

const parsed = (text: JsonText, judgedLater?: string): unknown => {
  try {
    return parseStrictJson(Buffer.from(text as string), judgedLater);
  } catch (error) {
    if (error instanceof Problem) return error.body.code;
    throw error;
  }
};
const short = (text: JsonText): string => JSON.stringify(text.toString('latin1' as never)).slice(0, 60);

/** Wrapped as a body is: inside an object, so that every kind of value stands where a field's would. */
const inside = (text: string): string => `{"events":[${text}]}`;

describe('a JSON text that is taken', () => {
  test.each(TAKEN.map((text) => [short(text), text] as const))('%s', (_, text) => {
    expect(parsed(text)).toEqual(JSON.parse(text.toString()));
  });
});

describe('a JSON text that is unreadable', () => {
  test.each(UNREADABLE.map((text) => [short(text), text] as const))('%s', (_, text) => {
    const started = performance.now();
    expect(parsed(text)).toBe('invalid_json');
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('a JSON text with a flaw', () => {
  test.each(FLAWED)('%s is refused, but left to its own verdict inside an event', (text) => {
    expect(parsed(text)).toMatch(/^invalid_/);
    expect(parsed(inside(text))).toMatch(/^invalid_/);
    expect(parsed(inside(text), 'events')).toEqual(JSON.parse(inside(text)));
  });
});

test('there are more than 380 of them', () => {
  expect(TAKEN.length + UNREADABLE.length + FLAWED.length).toBeGreaterThan(380);
});
