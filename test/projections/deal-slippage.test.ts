import { expect, it } from 'vitest';
import { dealSlippage } from '../../projections/deal-slippage.ts';
import type { FoldedEvent } from '../../projections/projection.ts';
import type { EventType } from '../../src/shared/contract/events/registry.ts';
import { foldedAtOnce } from './stored-stream.ts';

const DEVICE = '01970000-0000-7000-8000-000000000003';
const DEAL = '01970000-0000-7000-8000-000000000009';

const event = (day: number, type: EventType, data: FoldedEvent['data'], superseded: string[] = []): FoldedEvent => {
  const at = `2025-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
  return {
    position: day,
    stream: { type: 'deal', id: DEAL },
    version: day,
    type,
    actor: DEVICE,
    clock: `${at}-0000-${DEVICE}`,
    recordedAt: at,
    superseded,
    data,
  };
};
const dated = (day: number, expectedCloseDate: string | null, superseded?: string[]) =>
  event(day, 'DealExpectedCloseDateChanged', { expectedCloseDate }, superseded);
const slippage = (...events: FoldedEvent[]) => foldedAtOnce(dealSlippage, events)['deal_slippage']?.[0];

it('counts moves to a later day, and how many days they were', () => {
  expect(
    slippage(
      event(1, 'DealCreated', { name: 'Deal', expectedCloseDate: '2025-02-01' }),
      dated(2, '2025-02-11'),
      dated(3, '2025-03-01'),
      dated(4, '2025-02-20'),
    ),
  ).toMatchObject({
    first_date: '2025-02-01',
    expected_close_date: '2025-02-20',
    pushes: 2,
    pushed_days: 28,
    pulls: 1,
    last_pushed_at: '2025-01-03T00:00:00.000Z',
  });
});

it('takes neither a first day nor a cleared one for a move', () => {
  const cleared = slippage(
    event(1, 'DealCreated', { name: 'Deal' }),
    dated(2, '2025-02-01'),
    dated(3, null),
    dated(4, '2025-09-01'),
  );
  expect(cleared).toMatchObject({ first_date: '2025-02-01', pushes: 0, pushed_days: 0, pulls: 0 });
});

it('leaves alone what lost, and deals that were deleted', () => {
  const lost = slippage(
    event(1, 'DealCreated', { name: 'Deal', expectedCloseDate: '2025-02-01' }),
    dated(2, '2025-05-01', ['expectedCloseDate']),
    event(3, 'DealDeleted', { deletedAt: '2025-01-03T00:00:00.000Z' }),
  );
  expect(lost).toMatchObject({ pushes: 0, expected_close_date: '2025-02-01', deleted: true });
});
