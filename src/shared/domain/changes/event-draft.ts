import { canonicalJson } from '../../base/canonical-json.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { EventType } from '../../contract/events/registry.ts';

/** An event that a REST write stands for, before it gets its envelope. */
export interface EventDraft {
  readonly type: EventType;
  readonly data: JsonObject;
}

/** The fields of a body; absent ones are left alone, null clears. */
export type Fields = Readonly<Record<string, Json | undefined>>;

/** The fields among `keys` that are present. */
export const pick = (fields: Fields, keys: readonly string[]): JsonObject => {
  const picked: Record<string, Json> = {};
  for (const key of keys) if (fields[key] !== undefined) picked[key] = fields[key];
  return picked;
};

const isEmpty = (fields: JsonObject): boolean => Object.keys(fields).length === 0;

/** One event with the fields among `keys` that are present, none where all are absent. */
export const draftOf = (type: EventType, fields: Fields, keys: readonly string[]): EventDraft[] => {
  const data = pick(fields, keys);
  return isEmpty(data) ? [] : [{ type, data }];
};

/** An assignment names its owner always, so a change of the team alone repeats the present one. */
export const assignment = (type: EventType, fields: Fields, state: JsonObject): EventDraft[] => {
  const data = pick(fields, ['ownerId', 'teamId']);
  return isEmpty(data) ? [] : [{ type, data: { ownerId: state['ownerId'] ?? null, ...data } }];
};

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** What a patch really changes: a form that sends all of its fields makes events of the edited ones only. */
export const changedFields = (fields: Fields, state: JsonObject): Fields => {
  const changed: Record<string, Json> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || same(value, state[field])) continue;
    const merged = field === 'customFields' ? changedKeys(value, state[field]) : value;
    if (merged !== undefined) changed[field] = merged;
  }
  return changed;
};

/** Custom fields are set key by key, so only the keys that differ are sent on. */
const changedKeys = (value: Json, present: Json | undefined): Json | undefined => {
  const before = isJsonObject(present) ? present : {};
  if (value === null && Object.keys(before).length === 0) return undefined;
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).filter((key) => !same(value[key], before[key]));
  return keys.length === 0 ? undefined : pick(value, keys);
};
