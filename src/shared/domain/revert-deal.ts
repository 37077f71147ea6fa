import type { Json, JsonObject } from '../base/json.ts';
import { fieldsOf } from '../contract/conflicts.ts';
import { holds, REGISTER_FIELDS, stepsTo, type ChangeDraft } from './register-change.ts';

const { money: MONEY, progress: PROGRESS } = REGISTER_FIELDS;
/** The fields of a deal that these events bring back. */
export const REVERTED_DEAL_FIELDS: ReadonlySet<string> = new Set([...MONEY, ...PROGRESS]);

/**
 * The events that bring the money and progress of a deal back to what they were. Those of a closed deal stand until it is
 * reopened, so that comes first, and a closing that was comes last.
 *
 * @param openStageId where a deal that is closed now, and was closed then, is open in between
 */
export const revertDeal = (state: JsonObject, target: JsonObject, openStageId: Json): readonly ChangeDraft[] => {
  const money = fieldsOf(target, MONEY);
  const progress = fieldsOf(target, PROGRESS);
  if (holds(state, money) && holds(state, progress)) return [];
  const reopened = reopening(state, progress, openStageId);
  const open = reopened === undefined ? state : { ...state, ...OPENED, ...reopened.data };
  return [
    ...(reopened === undefined ? [] : [reopened]),
    ...moneyDrafts(open, money),
    ...progressDrafts(open, progress),
  ];
};

const OPENED = { outcome: 'open', forecastCategory: 'pipeline', reason: null, competitor: null, closedAt: null };

const reopening = (state: JsonObject, target: JsonObject, openStageId: Json): ChangeDraft | undefined => {
  if (state['outcome'] === 'open') return undefined;
  const samePipeline = target['pipelineId'] === state['pipelineId'];
  const stageId = target['outcome'] === 'open' && samePipeline ? target['stageId'] : openStageId;
  return { type: 'DealReopened', data: { stageId: stageId ?? null } };
};

/** With lines the amount is their sum; a deal that loses its last one is worth 0 until the amount follows. */
const moneyDrafts = (state: JsonObject, money: JsonObject): readonly ChangeDraft[] => {
  const [lines, amount] = stepsTo('deal', 'money', money);
  const changed = lines?.(state) ?? [];
  const hasLines = (money['lineItems'] as readonly Json[]).length > 0;
  const left = changed.length === 0 ? state : { ...state, lineItems: [], amountMinor: 0 };
  return hasLines ? changed : [...changed, ...(amount?.(left) ?? [])];
};

/** What a stage makes of the probability is the pipeline's to say, so that it is named after every move. */
const progressDrafts = (state: JsonObject, progress: JsonObject): readonly ChangeDraft[] => {
  const [place, ...rest] = stepsTo('deal', 'progress', progress);
  const moved = place?.(state) ?? [];
  const after = { ...state, ...(moved.length > 0 || state['probabilityBp'] === 10_000 ? { probabilityBp: null } : {}) };
  return [...moved, ...rest.flatMap((step) => step(after))];
};
