import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crmViews, projections } from '../../projections/registry.ts';
import { must } from '../../src/shared/base/assert.ts';
import { definitionOf, events, type EventType } from '../../src/shared/contract/events/registry.ts';
import { attempts, happen } from '../support/generated-stream.ts';
import { foldedAtOnce, foldedOneByOne } from './stored-stream.ts';

const tables = projections.flatMap((projection) => projection.tables);

describe.each(projections)('the projection $name', (projection) => {
  const { stream } = projection;
  const generated = attempts(stream);

  it('keeps its state in columns of its first table', () => {
    expect(Object.keys(projection.tables[0].columns)).toEqual(expect.arrayContaining([...projection.state]));
  });

  it('makes rows of exactly the columns that its tables have', () => {
    fc.assert(
      fc.property(generated, (tried) => {
        const stored = foldedAtOnce(
          projection,
          happen(stream, tried).map(({ event }) => event),
        );
        for (const table of projection.tables) {
          for (const row of stored[table.name] ?? []) {
            expect(Object.keys(row).toSorted()).toEqual(Object.keys(table.columns).toSorted());
          }
        }
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it('makes the same rows event by event from what is stored as in one go', () => {
    fc.assert(
      fc.property(generated, (tried) => {
        const history = happen(stream, tried).map(({ event }) => event);
        expect(foldedOneByOne(projection, history)).toEqual(foldedAtOnce(projection, history));
      }),
      { seed: 13, numRuns: 150 },
    );
  });
});

const ofRecords = projections.filter(({ tables: [first] }) => 'record' in first.columns);

describe.each(ofRecords)('the projection of records $name', (projection) => {
  const { stream } = projection;
  const generated = attempts(stream);

  it('keeps the record that the rules and the merge make of the stream', () => {
    fc.assert(
      fc.property(generated, (tried) => {
        const taken = happen(stream, tried);
        fc.pre(taken.length > 0);
        const stored = foldedAtOnce(
          projection,
          taken.map(({ event }) => event),
        );
        const [row] = stored[projection.tables[0].name] ?? [];
        const record = must(row, 'a stream has its own row')['record'] as Record<string, unknown>;
        const { id, version, createdAt, updatedAt, ...fields } = record;
        const { event, after } = taken.at(-1) as (typeof taken)[number];
        expect(fields).toEqual(JSON.parse(JSON.stringify(after.state)));
        expect({ id, version, updatedAt }).toEqual({
          id: event.stream.id,
          version: after.version,
          updatedAt: event.recordedAt,
        });
        expect(createdAt).toBe(taken[0]?.event.clock.slice(0, 24));
      }),
      { seed: 11, numRuns: 100 },
    );
  });
});

describe('the registry of projections', () => {
  it('has every event but those of imports in some projection', () => {
    const handled = new Set(projections.flatMap(({ handles }) => handles));
    const left = (Object.keys(events) as EventType[]).filter((type) => !handled.has(type));
    expect(new Set(left.map((type) => definitionOf(type).stream))).toEqual(new Set(['import']));
  });

  it('names every table and projection once', () => {
    const names = [...tables, ...crmViews].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(projections.map(({ name }) => name)).size).toBe(projections.length);
  });

  it('tells analysts about every table and column in a sentence', () => {
    for (const table of [...tables, ...crmViews]) {
      const comments = [table.comment, ...Object.values(table.columns).map(({ comment }) => comment)];
      for (const comment of comments) expect(comment).toMatch(/^\S.{4,}[.]$/);
    }
  });
});
