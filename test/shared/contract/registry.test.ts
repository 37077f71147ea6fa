import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  definitionOf,
  events,
  eventTypesOf,
  isEventType,
  type EventType,
} from '../../../src/shared/contract/events/registry.ts';
import { STREAM_TYPES } from '../../../src/shared/contract/streams.ts';
import { deciderOf } from '../../../src/shared/domain/registry.ts';

const types = Object.keys(events) as EventType[];
const folder = new URL('../../../src/shared/contract/events/', import.meta.url);

describe('the registry of events', () => {
  test('knows no name of the prototype', () => {
    expect(isEventType('toString')).toBe(false);
    expect(isEventType('__proto__')).toBe(false);
  });

  test('has each event in the file of its stream, those of several in one of their own', () => {
    for (const type of types) {
      const { streams, stream } = definitionOf(type);
      const several = type.startsWith('Conflict') ? 'conflict' : 'sharing';
      const text = readFileSync(new URL(`${streams.length > 1 ? several : stream}.ts`, folder), 'utf8');
      expect(text).toContain(`  ${type}: define({`);
    }
  });

  test('lets every stream begin, and only activities in more than one way', () => {
    for (const stream of STREAM_TYPES) {
      const creating = eventTypesOf(stream).filter((type) => definitionOf(type).creates === true);
      expect([stream, creating.length]).toEqual([stream, stream === 'activity' ? 5 : 1]);
    }
  });

  test.each(types)('%s refuses unknown fields and anything that is no object', (type) => {
    const { schema } = definitionOf(type);
    const unknown = schema.safeParse({ colour: 'red' });
    expect(unknown.error?.issues.some(({ code }) => code === 'unrecognized_keys')).toBe(true);
    for (const value of [null, 'text', 1, []]) expect(schema.safeParse(value).success).toBe(false);
  });

  test.each(STREAM_TYPES)('the state of a %s is complete before its first event', (stream) => {
    const { initialState } = deciderOf(stream);
    expect(Object.values(initialState)).not.toContain(undefined);
    expect(JSON.parse(JSON.stringify(initialState))).toEqual(initialState);
  });
});
