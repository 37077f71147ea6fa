import { canonicalJson } from '../base/canonical-json.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { ConflictStream, CriticalRegister } from '../contract/conflicts.ts';
import type { LineItem } from '../contract/events/line-items.ts';
import type { EventType } from '../contract/events/registry.ts';

/** An event that a value stands for, its data not yet parsed. */
export interface ChangeDraft {
  readonly type: EventType;
  readonly data: JsonObject;
}

/** The events that bring a state nearer to a value; asked for one after the other, each on what the one before left. */
export type Step = (state: JsonObject) => readonly ChangeDraft[];

/** The state fields of each register that people are asked about. */
export const REGISTER_FIELDS: Readonly<Record<CriticalRegister, readonly string[]>> = {
  money: ['amountMinor', 'currency', 'lineItems'],
  progress: [
    'pipelineId',
    'stageId',
    'outcome',
    'probabilityBp',
    'forecastCategory',
    'reason',
    'competitor',
    'closedAt',
  ],
  ownership: ['ownerId', 'teamId'],
};

/** A field of the value that the register does not have. */
export const strayField = (register: CriticalRegister, value: JsonObject): string | undefined =>
  Object.keys(value).find((field) => !REGISTER_FIELDS[register].includes(field));

export const sameJson = (one: Json | undefined, other: Json | undefined): boolean =>
  canonicalJson(one ?? null) === canonicalJson(other ?? null);

/** Whether the state holds all fields of the value. */
export const holds = (state: JsonObject, value: JsonObject): boolean =>
  Object.keys(value).every((field) => sameJson(value[field], state[field]));

const present = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined));

/** How a critical register comes to hold a value: by the same events as ever, so that the same rules are asked. */
export const stepsTo = (stream: ConflictStream, register: CriticalRegister, value: JsonObject): readonly Step[] => {
  if (register === 'ownership') return [assigned(ASSIGNED[stream], value)];
  if (stream === 'deal') return register === 'money' ? [lines(value), amount(value)] : progressSteps(value);
  return [(state) => (holds(state, value) ? [] : [{ type: 'LeadDetailsChanged', data: value }])];
};

const ASSIGNED = {
  lead: 'LeadAssigned',
  contact: 'ContactAssigned',
  company: 'CompanyAssigned',
  deal: 'DealAssigned',
} as const satisfies Record<ConflictStream, EventType>;

const assigned =
  (type: EventType, value: JsonObject): Step =>
  (state) =>
    holds(state, value) ? [] : [{ type, data: { ownerId: state['ownerId'] ?? null, ...value } }];

/** As people may send it: no discount is none. */
type Line = Omit<LineItem, 'discountBp'> & { readonly discountBp?: number };
const linesIn = (fields: JsonObject): readonly Line[] => (fields['lineItems'] ?? []) as unknown as Line[];

/** All lines of a deal are in one currency, so another one changes them all. */
const lines =
  (value: JsonObject): Step =>
  (state) => {
    if (value['lineItems'] === undefined) return [];
    const { currency = state['currency'] ?? null } = value;
    const kept = sameJson(currency, state['currency']) ? linesIn(state) : [];
    const wanted = linesIn(value);
    const gone = linesIn(state).filter((line) => !kept.includes(line) || !wanted.some(({ id }) => id === line.id));
    return [
      ...gone.map(({ id }) => ({ type: 'DealLineItemRemoved' as const, data: { lineItemId: id } })),
      ...wanted.flatMap((line) => lineDraft(line, kept, currency)),
    ];
  };

const lineDraft = (wanted: Line, kept: readonly Line[], currency: Json): readonly ChangeDraft[] => {
  const line = kept.find(({ id }) => id === wanted.id);
  const { id: lineItemId, name, quantity, unitMinor, discountBp = 0 } = wanted;
  const data = { lineItemId, name, quantity, unitMinor, discountBp };
  if (line === undefined)
    return [{ type: 'DealLineItemAdded', data: currency === null ? data : { ...data, currency } }];
  const same = sameJson({ ...line }, { id: lineItemId, name, quantity, unitMinor, discountBp });
  return same ? [] : [{ type: 'DealLineItemChanged', data }];
};

/** With lines the amount is their sum: another one is refused by the rule. */
const amount =
  (value: JsonObject): Step =>
  (state) => {
    const { amountMinor = state['amountMinor'] ?? null, currency } = value;
    if (holds(state, present({ amountMinor, currency }))) return [];
    const revalued = currency !== undefined && (state['currency'] ?? null) !== null && currency !== state['currency'];
    const type = revalued ? 'DealCurrencyChanged' : 'DealAmountChanged';
    return [{ type, data: present({ amountMinor, currency }) }];
  };

const progressSteps = (value: JsonObject): readonly Step[] => {
  const { outcome, probabilityBp, forecastCategory } = value;
  if (outcome === 'won' || outcome === 'lost') return [closed(outcome, value)];
  return [
    placed(value),
    (state) => set('DealProbabilityOverridden', state, present({ probabilityBp })),
    (state) => set('DealForecastCategoryChanged', state, present({ forecastCategory })),
  ];
};

const set = (type: EventType, state: JsonObject, data: JsonObject): readonly ChangeDraft[] =>
  holds(state, data) ? [] : [{ type, data }];

const closed =
  (outcome: 'won' | 'lost', value: JsonObject): Step =>
  (state) => {
    const { reason, competitor, closedAt } = value;
    if (holds(state, present({ outcome, reason, competitor, closedAt }))) return [];
    return outcome === 'won'
      ? [{ type: 'DealWon', data: present({ reason, closedAt }) }]
      : [{ type: 'DealLost', data: present({ reason, competitor, closedAt }) }];
  };

/** Into a stage of the same pipeline or another one; a closed deal is reopened for it. */
const placed =
  (value: JsonObject): Step =>
  (state) => {
    const { pipelineId = state['pipelineId'], stageId = state['stageId'], outcome } = value;
    const place = present({ pipelineId, stageId });
    const reopens = state['outcome'] !== 'open' && (outcome === 'open' || !holds(state, place));
    if (reopens) return [{ type: 'DealReopened', data: present({ stageId }) }];
    if (holds(state, place)) return [];
    return sameJson(pipelineId, state['pipelineId'])
      ? [{ type: 'DealStageChanged', data: present({ stageId }) }]
      : [{ type: 'DealMovedToPipeline', data: place }];
  };
