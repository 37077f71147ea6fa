import type { Json, JsonObject } from '../../shared/base/json.ts';
import { isJsonObject } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { sameJson } from '../../shared/domain/register-change.ts';
import { REVERTED_DEAL_FIELDS, revertDeal } from '../../shared/domain/revert-deal.ts';
import { RESOURCES, type ResourceName } from './changes.ts';
import type { EventDraft, Fields } from '../../shared/domain/changes/event-draft.ts';

/** Records that can go back to what they were. */
export type Revertible = 'leads' | 'contacts' | 'companies' | 'deals';

export const isRevertible = (name: ResourceName): name is Revertible => name in PATCHED;

const OWNED = ['ownerId', 'teamId', 'customFields'];
const PERSON = ['name', 'title', 'emails', 'phones'];
/** Fields that a patch of the resource sets. */
const PATCHED: Readonly<Record<Revertible, readonly string[]>> = {
  leads: [
    ...PERSON,
    'companyName',
    'source',
    'campaign',
    'note',
    'priority',
    'score',
    'amountMinor',
    'currency',
    ...OWNED,
  ],
  contacts: [...PERSON, 'companyId', 'companyRole', 'consents', ...OWNED],
  companies: ['name', 'domain', 'industry', 'size', 'address', 'parentId', ...OWNED],
  deals: ['name', 'source', 'companyId', 'expectedCloseDate', 'contactIds', ...OWNED],
};
const STATUS: ReadonlySet<string> = new Set(['status', 'reason']);
/** What no revert touches: whom it is shared with, what is asked about it, what it took in. */
const LEFT_ALONE: ReadonlySet<string> = new Set(['deletedAt', 'conflicts', 'shares', 'absorbedIds', 'mergedIntoId']);

/** A record as it is and as it was. */
export interface Reversion {
  readonly name: Revertible;
  readonly state: JsonObject;
  readonly target: JsonObject;
  /** Where a closed deal is open in between. */
  readonly openStageId: Json;
}

/** The events that bring a record back to what it was. Throws `invalid_request` where no event can. */
export const revertDrafts = (reversion: Reversion): EventDraft[] => {
  const { name, state, target } = reversion;
  const differing = Object.keys(target).filter((field) => !sameJson(state[field], target[field]));
  const stuck = differing.filter((field) => !canReturn(reversion, field));
  if (stuck.length > 0) throw cannotReturn(name, stuck);
  const isGone = isDeleted(state);
  const wasGone = isDeleted(target);
  const changes = [...patches(reversion, differing), ...statusOf(target, differing), ...dealDrafts(reversion)];
  if (isGone && wasGone && changes.length > 0)
    throw new Problem('archived', `This ${RESOURCES[name].word} is deleted, and was then: restore it first.`);
  const { deleted, restored } = RESOURCES[name];
  const first: EventDraft[] = isGone && !wasGone ? [{ type: restored, data: {} }] : [];
  const last: EventDraft[] = wasGone && !isGone ? [{ type: deleted, data: {} }] : [];
  return [...first, ...changes, ...last];
};

const isDeleted = ({ deletedAt }: JsonObject): boolean => typeof deletedAt === 'string';

const canReturn = ({ name, state, target }: Reversion, field: string): boolean => {
  if (LEFT_ALONE.has(field) || (name === 'leads' && STATUS.has(field))) return true;
  if (name === 'deals' && REVERTED_DEAL_FIELDS.has(field)) return field !== 'amountMinor' || target[field] !== null;
  if (field === 'score') return target[field] !== null;
  if (field === 'consents') return keysOf(state[field]).every((channel) => keysOf(target[field]).includes(channel));
  return PATCHED[name].includes(field);
};

const cannotReturn = (name: Revertible, fields: readonly string[]): Problem =>
  new Problem(
    'invalid_request',
    `The ${RESOURCES[name].word} cannot go back to that version: no event undoes what happened since.`,
    {
      errors: fields.map((path) => ({ path, message: 'cannot be brought back' })),
    },
  );

const keysOf = (value: Json | undefined): string[] => (isJsonObject(value) ? Object.keys(value) : []);

const patches = ({ name, state, target }: Reversion, differing: readonly string[]): EventDraft[] => {
  const wanted: Record<string, Json> = {};
  for (const field of differing) if (PATCHED[name].includes(field)) wanted[field] = target[field] ?? null;
  if ('customFields' in wanted) wanted['customFields'] = keysBack(state['customFields'], target['customFields']);
  const fields: Fields = wanted;
  return RESOURCES[name].change(fields, state, fields);
};

/** Keys that came since are taken away. */
const keysBack = (state: Json | undefined, target: Json | undefined): JsonObject => {
  const back: Record<string, Json> = {};
  for (const key of keysOf(state)) back[key] = null;
  return { ...back, ...(isJsonObject(target) ? target : {}) };
};

/** A status and its reason are one register: a reason that was not there goes with the status that had none. */
const statusOf = ({ status, reason }: JsonObject, differing: readonly string[]): EventDraft[] => {
  if (!differing.some((field) => STATUS.has(field)) || status === undefined) return [];
  return [{ type: 'LeadStatusChanged', data: typeof reason === 'string' ? { status, reason } : { status } }];
};

const dealDrafts = ({ name, state, target, openStageId }: Reversion): readonly EventDraft[] =>
  name === 'deals' ? revertDeal(state, target, openStageId) : [];
