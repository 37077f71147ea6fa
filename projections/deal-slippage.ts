import { clockTime } from '../src/shared/base/hybrid-clock.ts';
import { projection, type Row } from './projection.ts';

const DAY_MS = 86_400_000;

type State = {
  readonly deal_id: string;
  readonly first_date: string | null;
  readonly expected_close_date: string | null;
  readonly pushes: number;
  readonly pushed_days: number;
  readonly pulls: number;
  readonly last_pushed_at: string | null;
  readonly deleted: boolean;
};

const begin = (dealId: string): State => ({
  deal_id: dealId,
  first_date: null,
  expected_close_date: null,
  pushes: 0,
  pushed_days: 0,
  pulls: 0,
  last_pushed_at: null,
  deleted: false,
});

/** The state with another date; only a date that was there before can be pushed or pulled in. */
const moved = (state: State, date: string | null, at: string): State => {
  const before = state.expected_close_date;
  const next = { ...state, expected_close_date: date, first_date: state.first_date ?? date };
  if (date === null || before === null || date === before) return next;
  if (date < before) return { ...next, pulls: state.pulls + 1 };
  const days = Math.round((Date.parse(date) - Date.parse(before)) / DAY_MS);
  return { ...next, pushes: state.pushes + 1, pushed_days: state.pushed_days + days, last_pushed_at: at };
};

/** How often and how far the expected close date of each deal was moved: three pushes are said to be fiction. */
export const dealSlippage = projection<State>({
  name: 'deal_slippage',
  version: 1,
  tables: [
    {
      name: 'deal_slippage',
      comment: 'How often the expected close date of a deal was moved, as it was recorded. One row a deal.',
      columns: {
        deal_id: { type: 'uuid not null', comment: 'The deal.' },
        first_date: { type: 'date', comment: 'The day it was first expected to close.' },
        expected_close_date: { type: 'date', comment: 'The day it is expected to close now.' },
        pushes: { type: 'integer not null', comment: 'How often the day was moved to a later one.' },
        pushed_days: { type: 'integer not null', comment: 'By how many days, those together.' },
        pulls: { type: 'integer not null', comment: 'How often it was moved to an earlier one.' },
        last_pushed_at: { type: 'timestamptz', comment: 'When somebody last moved it to a later day.' },
        deleted: { type: 'boolean not null', comment: 'Whether the deal is deleted; false in this view.' },
      },
      primaryKey: ['deal_id'],
      indexes: [],
      shown: 'not deleted',
    },
  ],
  state: [
    'deal_id',
    'first_date',
    'expected_close_date',
    'pushes',
    'pushed_days',
    'pulls',
    'last_pushed_at',
    'deleted',
  ],
  stream: 'deal',
  handles: ['DealCreated', 'DealExpectedCloseDateChanged', 'DealDeleted', 'DealRestored'],
  fold: (state = begin(''), { type, stream, data, superseded, clock }) => {
    const known = state.deal_id === '' ? begin(stream.id) : state;
    if (type === 'DealDeleted' || type === 'DealRestored')
      return superseded.includes('deletedAt') ? known : { ...known, deleted: type === 'DealDeleted' };
    if (superseded.includes('expectedCloseDate')) return known;
    return moved(known, (data['expectedCloseDate'] ?? null) as string | null, clockTime(clock));
  },
  row: (state): Row => ({ ...state }),
});
