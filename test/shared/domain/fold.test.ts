import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sumOfLines } from '../../../src/shared/base/money.ts';
import type { DealState } from '../../../src/shared/contract/events/deal.ts';
import type { PipelineState, StageKind } from '../../../src/shared/contract/events/pipeline.ts';
import { updateConflicts } from '../../../src/shared/contract/conflicts.ts';
import { effectiveFields, withFields } from '../../../src/shared/contract/events/apply-writes.ts';
import { definitionOf, isEventType } from '../../../src/shared/contract/events/registry.ts';
import { STREAM_TYPES } from '../../../src/shared/contract/streams.ts';
import { evolve, foldStream } from '../../../src/shared/domain/merge.ts';
import { deciderOf } from '../../../src/shared/domain/registry.ts';
import { attempts, changesOf, generatedPipeline, happen, type Taken } from '../../support/generated-stream.ts';

const RUNS = { numRuns: 60 };

describe.each(STREAM_TYPES)('a %s folded from its stored events', (stream) => {
  const history = attempts(stream).map((tried) => happen(stream, tried));

  test('is what judging and merging made of it, register clocks included', () => {
    let longest = 0;
    fc.assert(
      fc.property(history, (taken) => {
        longest = Math.max(longest, taken.length);
        expect(foldStream(taken.map(({ event }) => event))).toEqual(taken.at(-1)?.after);
      }),
      RUNS,
    );
    // Where nothing is ever taken, the property says nothing.
    expect(longest).toBeGreaterThan(changesOf(stream).length === 0 ? 0 : 1);
  });

  test('is what a projection makes of it, which knows no clocks', () => {
    fc.assert(
      fc.property(history, (taken) => {
        let row = deciderOf(stream).initialState;
        let state = row;
        for (const { event, after } of taken) {
          if (!isEventType(event.type)) throw new Error(event.type);
          const writes = definitionOf(event.type).writes(event.data, row);
          const draft = { ...withFields(row, effectiveFields(writes, event.superseded)) };
          updateConflicts(draft, { ...event, writes });
          row = draft;
          state = evolve(state, event);
          expect(row).toEqual(after.state);
          expect(state).toEqual(after.state);
        }
      }),
      RUNS,
    );
  });

  test('survives a round trip through JSON, as the log and the phone keep it', () => {
    fc.assert(
      fc.property(history, (taken) => {
        const events = taken.map(({ event }) => event);
        expect(foldStream(JSON.parse(JSON.stringify(events)) as typeof events)).toEqual(foldStream(events));
      }),
      RUNS,
    );
  });
});

test('a stream without events is none', () => {
  expect(foldStream([])).toBeUndefined();
});

const eachState = (taken: readonly Taken[], check: (state: DealState) => void): void =>
  taken.forEach(({ after }) => check(after.state as unknown as DealState));

describe('whatever happens and in whatever order the clocks are', () => {
  const deals = attempts('deal').map((tried) => happen('deal', tried));

  test('a deal is won just while it is in the won stage at 100 %', () => {
    const kinds = new Map<string, StageKind>(generatedPipeline.stages.map(({ id, kind }) => [id, kind]));
    fc.assert(
      fc.property(deals, (taken) =>
        eachState(taken, (state) => {
          expect(kinds.get(state.stageId ?? '')).toBe(state.outcome);
          expect(state.probabilityBp === 10_000).toBe(state.outcome === 'won');
          expect(state.closedAt === null).toBe(state.outcome === 'open');
          if (state.outcome === 'lost') expect(state.reason).not.toBeNull();
        }),
      ),
      { numRuns: 200 },
    );
  });

  test("a deal's amount is the sum of its lines, and has a currency", () => {
    const priced = attempts('deal', [
      'DealLineItemAdded',
      'DealLineItemChanged',
      'DealLineItemRemoved',
      'DealAmountChanged',
      'DealCurrencyChanged',
    ]).map((tried) => happen('deal', tried));
    fc.assert(
      fc.property(priced, (taken) =>
        eachState(taken, (state) => {
          if (state.lineItems.length > 0) expect(state.amountMinor).toBe(sumOfLines(state.lineItems));
          expect(state.amountMinor === null).toBe(state.currency === null);
        }),
      ),
      { numRuns: 200 },
    );
  });

  test('a pipeline has exactly one won stage that takes deals, and an open and a lost one', () => {
    const pipelines = attempts('pipeline').map((tried) => happen('pipeline', tried));
    fc.assert(
      fc.property(pipelines, (taken) =>
        taken.forEach(({ after }) => {
          const { stages } = after.state as unknown as PipelineState;
          const count = (kind: StageKind) => stages.filter((s) => s.kind === kind && s.archivedAt === null).length;
          expect(count('won')).toBe(1);
          expect(Math.min(count('open'), count('lost'))).toBeGreaterThan(0);
          expect(new Set(stages.map(({ id }) => id)).size).toBe(stages.length);
        }),
      ),
      { numRuns: 200 },
    );
  });
});
