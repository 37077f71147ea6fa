import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../../support/rest.ts';
import { day, openPast, type PastBench } from '../../../support/past.ts';

let open: PastBench;
beforeAll(async () => {
  open = await openPast();
  for (const closed of ['2024-12-31', '2025-03-31', '2025-04-01', '2025-12-31', '2026-03-31']) {
    const deal = uuidv7();
    await open.happened([
      [day('2024-06-01'), 'DealCreated', deal, { name: 'Deal', amountMinor: 1, currency: 'EUR' }],
      [day(closed), 'DealWon', deal, {}],
    ]);
  }
});
afterAll(() => open[Symbol.asyncDispose]());

const wonBy = async (unit: string): Promise<Record<string, number>> => {
  const { rows } = await open.ask(`win-rate?groupBy=${unit}`);
  return Object.fromEntries(rows.map((row: Json) => [row[unit], row['numerator']]));
};

test('quarters and years are those of the calendar where the fiscal year begins in January', async () => {
  expect(await wonBy('year')).toEqual({ '2024': 1, '2025': 3, '2026': 1 });
  expect(await wonBy('quarter')).toEqual({ '2024-Q4': 1, '2025-Q1': 1, '2025-Q2': 1, '2025-Q4': 1, '2026-Q1': 1 });
});

test('a fiscal year is called by the calendar year in which it ends, and its quarters count from its start', async () => {
  const { workspace } = open.rest.me;
  await open.happened([[new Date().toISOString(), 'WorkspaceSettingsChanged', workspace.id, { fiscalYearStart: 4 }]]);
  expect(await wonBy('year')).toEqual({ '2025': 2, '2026': 3 });
  expect(await wonBy('quarter')).toEqual({ '2025-Q3': 1, '2025-Q4': 1, '2026-Q1': 1, '2026-Q3': 1, '2026-Q4': 1 });
  expect((await open.ask('losses?groupBy=year'))['rows']).toEqual([]);
});

test('months stay those of the calendar', async () => {
  expect(Object.keys(await wonBy('month'))).toEqual(['2024-12', '2025-03', '2025-04', '2025-12', '2026-03']);
});
