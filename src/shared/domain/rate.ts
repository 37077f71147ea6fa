import { err, ok } from '../base/result.ts';
import { initialRate, type rateEvents, type RateState } from '../contract/events/rate.ts';
import { invalidField } from '../contract/rejections.ts';
import type { Decider } from './decider.ts';

export const rate: Decider<RateState, keyof typeof rateEvents> = {
  initialState: initialRate,
  decide: (_state, event) =>
    event.data.base === event.data.quote ? err(invalidField('quote', 'must be another currency than base')) : ok(event),
};
