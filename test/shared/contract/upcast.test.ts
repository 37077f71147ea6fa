import { describe, expect, test } from 'vitest';
import { events } from '../../../src/shared/contract/events/registry.ts';
import { newestSchemaVersion, upcast, upcasters, type Upcasters } from '../../../src/shared/contract/events/upcast.ts';

/** As if NoteAdded had once kept its text in `text`, and later without `lang`. */
const steps: Upcasters = {
  NoteAdded: [({ text = null, ...rest }) => ({ ...rest, body: text }), (data) => ({ ...data, lang: 'en' })],
};

describe('upcasting', () => {
  test('takes data through every step from its version on', () => {
    expect(upcast('NoteAdded', 1, { text: 'hm' }, steps)).toEqual({
      schemaVersion: 3,
      data: { body: 'hm', lang: 'en' },
    });
    expect(upcast('NoteAdded', 2, { body: 'hm' }, steps)).toEqual({
      schemaVersion: 3,
      data: { body: 'hm', lang: 'en' },
    });
  });

  test('leaves the newest version untouched', () => {
    const data = { body: 'hm', lang: 'de' };
    expect(upcast('NoteAdded', 3, data, steps)?.data).toBe(data);
    expect(upcast('LeadCreated', 1, data, steps)).toEqual({ schemaVersion: 1, data });
  });

  test('knows no version newer than its last step, and none below 1', () => {
    expect(upcast('NoteAdded', 4, {}, steps)).toBeUndefined();
    expect(upcast('NoteAdded', 0, {}, steps)).toBeUndefined();
    expect(upcast('LeadCreated', 2, {}, steps)).toBeUndefined();
    expect(upcast('toString', 2, {}, steps)).toBeUndefined();
  });

  test('leads every event to the schema version of its definition', () => {
    for (const [type, definition] of Object.entries(events)) {
      expect([type, newestSchemaVersion(type)]).toEqual([type, definition.schemaVersion]);
    }
    for (const type of Object.keys(upcasters)) expect(Object.hasOwn(events, type)).toBe(true);
  });
});
