import { STEPS } from '../../src/server/queries/analytics/waterfall-steps.ts';
import type { Json } from './rest.ts';

const GAINS = new Set(['start', 'created', 'pulledIn', 'movedIn', 'reopened', 'restored']);

/** What is left of a waterfall when all its steps are taken together: 0, in deals and in minor units. */
export const balanceOf = (waterfall: Json): readonly [deals: number, minorUnits: number] => {
  let [deals, minorUnits] = [0, 0];
  for (const step of STEPS) {
    const { count, amountMinor } = waterfall[step];
    const sign = GAINS.has(step) || step === 'increased' ? 1 : -1;
    minorUnits += sign * amountMinor;
    // A deal that is worth more or less now is still one deal.
    if (step !== 'increased' && step !== 'decreased') deals += sign * count;
  }
  return [deals, minorUnits];
};
