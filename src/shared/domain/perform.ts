import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { StreamRef } from '../contract/envelope.ts';
import { effectiveFields, withFields } from '../contract/events/apply-writes.ts';
import type { ClosingFacts } from '../contract/events/conflict.ts';
import type { Writes } from '../contract/events/definition.ts';
import { definitionOf } from '../contract/events/registry.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { DecideContext } from './decider.ts';
import { judge, type Current } from './judge.ts';
import type { ChangeDraft, Step } from './register-change.ts';

/** What several events in a row make of a stream. */
export interface Performed {
  readonly state: JsonObject;
  /** Of all of them together. */
  readonly writes: Writes;
  readonly closing?: ClosingFacts | undefined;
}

interface Stage {
  readonly stream: StreamRef;
  readonly current: Current;
}

/** Puts the events of the steps to the rules one after the other, each on what the one before left. */
export const perform = (
  { stream, current }: Stage,
  steps: readonly Step[],
  context: DecideContext,
): Result<Performed, Rejection> => {
  let { state } = current;
  let closing: ClosingFacts | undefined;
  const writes: Record<string, Writes[string]> = {};
  for (const step of steps) {
    for (const draft of step(state)) {
      const next = once({ stream, current: { ...current, state } }, draft, context);
      if (!next.ok) return next;
      state = next.value.state;
      closing = next.value.closing ?? closing;
      for (const [register, fields] of Object.entries(next.value.writes))
        writes[register] = { ...writes[register], ...fields };
    }
  }
  return ok({ state, writes, closing });
};

const once = (
  { stream, current }: Stage,
  { type, data }: ChangeDraft,
  context: DecideContext,
): Result<Performed, Rejection> => {
  const definition = definitionOf(type);
  const parsed = definition.schema.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err(invalidField(['value', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not possible'));
  }
  const judged = judge(current, { type, data: parsed.data as JsonObject, stream }, context);
  if (!judged.ok) return judged;
  const { data: decided } = judged.value;
  const writes = definition.writes(decided, current.state);
  const state = withFields(current.state, effectiveFields(writes, []));
  return ok({
    state,
    writes,
    ...(type === 'DealWon' || type === 'DealLost' ? { closing: closingFacts(decided) } : {}),
  });
};

const closingFacts = (data: object): ClosingFacts => {
  const { fromStageId, amountMinor, currency, baseCurrency, ...rate } = data as ClosingFacts;
  if (baseCurrency === undefined) return { fromStageId, amountMinor, currency };
  const { baseAmountMinor = null, fxRate = null, fxAsOf = null } = rate;
  return { fromStageId, amountMinor, currency, baseCurrency, baseAmountMinor, fxRate, fxAsOf };
};
