import { ok } from '../base/result.ts';
import { initialForecast, type forecastEvents, type ForecastState } from '../contract/events/forecast.ts';
import type { Decider } from './decider.ts';
import { subjectOf } from './quota.ts';

/** Who names nobody submits for himself. */
export const forecast: Decider<ForecastState, keyof typeof forecastEvents> = {
  initialState: initialForecast,
  decide: (_state, event, { actor }) => {
    const subject = subjectOf(event.data, actor);
    return subject.ok
      ? ok({ type: event.type, data: { ...event.data, ...subject.value, submittedBy: actor } })
      : subject;
  },
};
