import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deal } from '../../projections/deal.ts';
import type { Row } from '../../projections/projection.ts';
import { clockTime } from '../../src/shared/base/hybrid-clock.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import { initialDeal } from '../../src/shared/contract/events/deal.ts';
import { definitionOf, type EventType, eventTypesOf } from '../../src/shared/contract/events/registry.ts';
import { merge, type Merged } from '../../src/shared/domain/merge.ts';
import { attempts, happen, type Taken } from '../support/generated-stream.ts';
import { foldedAtOnce } from './stored-stream.ts';

/** Without details, contacts and deletions, so that generated deals move a lot. */
const moves = eventTypesOf('deal').filter((type) =>
  /Stage|Amount|Won|Lost|Reopened|Assigned|Probability|Expected/.test(type),
);
const histories = attempts('deal', moves);

const eventsOf = (taken: readonly Taken[]) => taken.map(({ event }) => event);
const rowsOf = (taken: readonly Taken[], table: string): readonly Row[] =>
  foldedAtOnce(deal, eventsOf(taken))[table] ?? [];

/** When a deal's state says that it closed, though not before it was created. */
const closedAt = (state: JsonObject, created: string): string | null => {
  const said = state['closedAt'] as string | null;
  return said !== null && Date.parse(said) < Date.parse(created) ? created : said;
};
const createdIn = (taken: readonly Taken[]): string => clockTime(taken[0]?.event.clock ?? '');

/** What the history says of a state. */
const asHistory = (state: JsonObject, created: string) => ({
  pipeline_id: state['pipelineId'],
  stage_id: state['stageId'],
  outcome: state['outcome'],
  probability_bp: state['probabilityBp'],
  forecast_category: state['forecastCategory'],
  closed_at: closedAt(state, created),
  reason: state['reason'],
  competitor: state['competitor'],
  amount_minor: state['amountMinor'],
  currency: state['currency'],
  expected_close_date: state['expectedCloseDate'],
  owner_id: state['ownerId'],
  team_id: state['teamId'],
  company_id: state['companyId'],
  source: state['source'],
  deleted: state['deletedAt'] !== null,
});

/** What the merge makes of some of the events, in the order they came. */
const mergedOf = (taken: readonly Taken[]): JsonObject => {
  let merged: Merged = { state: initialDeal as unknown as JsonObject, clocks: {} };
  for (const { event } of taken) {
    const writes = definitionOf(event.type as EventType).writes(event.data, merged.state);
    merged = merge(merged, { ...event, writes });
  }
  return merged.state;
};

const holding = (rows: readonly Row[], from: string, to: string, at: number | string): readonly Row[] =>
  rows.filter((row) => {
    const [begins, ends] = [row[from], row[to]] as [number | string | null, number | string | null];
    return begins !== null && begins <= at && (ends === null || ends > at);
  });

describe('the history of a deal', () => {
  it('says for every position what the server knew then, once', () => {
    fc.assert(
      fc.property(histories, (tried) => {
        const taken = happen('deal', tried);
        fc.pre(taken.length > 0);
        const rows = rowsOf(taken, 'deal_history');
        for (const { event, after } of taken) {
          const found = holding(rows, 'from_position', 'to_position', event.position);
          expect(found).toHaveLength(1);
          expect(found[0]).toMatchObject(asHistory(after.state, createdIn(taken)));
        }
      }),
      { seed: 17, numRuns: 300 },
    );
  });

  it('says for every time what had happened by then, late uploads included, once', () => {
    fc.assert(
      fc.property(histories, (tried) => {
        const taken = happen('deal', tried);
        fc.pre(taken.length > 0);
        const rows = rowsOf(taken, 'deal_history');
        const created = createdIn(taken);
        for (const { event } of taken) {
          const time = clockTime(event.clock) < created ? created : clockTime(event.clock);
          const found = holding(rows, 'from_at', 'to_at', time);
          const known = taken.filter(({ event: other }) => other.version === 1 || clockTime(other.clock) <= time);
          expect(found).toHaveLength(1);
          expect(found[0]).toMatchObject(asHistory(mergedOf(known), created));
        }
      }),
      { seed: 19, numRuns: 300 },
    );
  });

  it('is told by each clock apart in many of these cases, or they would prove little', () => {
    const apart = fc
      .sample(histories, { seed: 19, numRuns: 300 })
      .filter((tried) => rowsOf(happen('deal', tried), 'deal_history').some((row) => row['from_position'] === null));
    expect(apart.length).toBeGreaterThan(50);
  });

  it('ends in the present on both clocks', () => {
    fc.assert(
      fc.property(histories, (tried) => {
        const taken = happen('deal', tried);
        fc.pre(taken.length > 0);
        const rows = rowsOf(taken, 'deal_history');
        const present = asHistory(taken.at(-1)?.after.state ?? {}, createdIn(taken));
        for (const clock of ['position', 'at']) {
          const open = rows.filter((row) => row[`from_${clock}`] !== null && row[`to_${clock}`] === null);
          expect(open).toHaveLength(1);
          expect(open[0]).toMatchObject(present);
        }
      }),
      { seed: 23, numRuns: 200 },
    );
  });
});

describe('the stays of a deal', () => {
  it('follow each other without gaps or repeats on both clocks, the last one open in the present stage', () => {
    fc.assert(
      fc.property(histories, (tried) => {
        const taken = happen('deal', tried);
        fc.pre(taken.length > 0);
        const rows = rowsOf(taken, 'deal_stage_visit');
        for (const [entered, left] of [
          ['entered_position', 'left_position'],
          ['entered_at', 'left_at'],
        ] as const) {
          const stays = rows.filter((row) => row[entered] !== null);
          for (const [index, stay] of stays.entries()) {
            expect(stay[left]).toBe(stays[index + 1]?.[entered] ?? null);
            expect(stay['stage_id']).not.toBe(stays[index + 1]?.['stage_id']);
          }
          expect(stays.at(-1)?.['stage_id']).toBe(taken.at(-1)?.after.state['stageId']);
        }
      }),
      { seed: 29, numRuns: 200 },
    );
  });
});

describe('the board and the closings', () => {
  it('have a deal on the board just while it is open, and its last closing ever after', () => {
    fc.assert(
      fc.property(histories, (tried) => {
        const taken = happen('deal', tried);
        fc.pre(taken.length > 0);
        const state = taken.at(-1)?.after.state ?? {};
        const [card, ...moreCards] = rowsOf(taken, 'pipeline_board');
        const [closing] = rowsOf(taken, 'sales_metrics');
        expect(moreCards).toEqual([]);
        expect(card?.['stage_id']).toBe(state['outcome'] === 'open' ? state['stageId'] : undefined);
        if (state['outcome'] !== 'open') {
          const closed = closedAt(state, createdIn(taken));
          expect(closing).toMatchObject({ outcome: state['outcome'], closed_at: closed, reopened: false });
          expect(closing?.['cycle_ms']).toBeGreaterThanOrEqual(0);
          expect(closing).toMatchObject({ reason: state['reason'], amount_minor: state['amountMinor'] });
        } else if (closing !== undefined) expect(closing['reopened']).toBe(true);
      }),
      { seed: 31, numRuns: 300 },
    );
  });
});
