import type { Json, JsonObject } from '../../base/json.ts';
import { assignment, draftOf, pick, type EventDraft, type Fields } from './event-draft.ts';

/** The events that a patch of a deal stands for. The stage comes before what a change of the stage would reset. */
export const dealChanges = (fields: Fields, state: JsonObject): EventDraft[] => [
  ...draftOf('DealDetailsChanged', fields, ['name', 'source', 'companyId', 'customFields']),
  ...(fields['pipelineId'] === undefined
    ? draftOf('DealStageChanged', fields, ['stageId'])
    : draftOf('DealMovedToPipeline', fields, ['pipelineId', 'stageId'])),
  ...money(fields, state),
  ...draftOf('DealExpectedCloseDateChanged', fields, ['expectedCloseDate']),
  ...draftOf('DealProbabilityOverridden', fields, ['probabilityBp']),
  ...draftOf('DealForecastCategoryChanged', fields, ['forecastCategory']),
  ...contacts(fields, state),
  ...assignment('DealAssigned', fields, state),
];

/** Another currency than the deal had is a revaluation, an event of its own that names both amount and currency. */
const money = (fields: Fields, state: JsonObject): EventDraft[] => {
  const { currency } = fields;
  const present = state['currency'];
  if (currency === undefined || present === null || present === undefined) {
    return draftOf('DealAmountChanged', fields, ['amountMinor', 'currency']);
  }
  const amountMinor = fields['amountMinor'] ?? state['amountMinor'];
  return [
    {
      type: 'DealCurrencyChanged',
      data: pick({ amountMinor: amountMinor ?? undefined, currency }, ['amountMinor', 'currency']),
    },
  ];
};

/** Links are added and taken away one by one, so that two phones that link two contacts both win. */
const contacts = (fields: Fields, state: JsonObject): EventDraft[] => {
  const wanted = fields['contactIds'] as readonly Json[] | undefined;
  if (wanted === undefined) return [];
  const present = (state['contactIds'] ?? []) as readonly Json[];
  return [
    ...present.filter((id) => !wanted.includes(id)).map((id) => unlinked(id)),
    ...wanted.filter((id) => !present.includes(id)).map((id) => linked(id)),
  ];
};

const linked = (contactId: Json): EventDraft => ({ type: 'DealContactLinked', data: { contactId } });
const unlinked = (contactId: Json): EventDraft => ({ type: 'DealContactUnlinked', data: { contactId } });
