import { isJsonObject, type Json, type JsonObject } from '../../shared/base/json.ts';
import type { AdoptSpec } from '../api.ts';
import { Refusal } from '../refusal.ts';

/** What is asked of the old app's storage. */
export type OldStorage = NonNullable<AdoptSpec['storage']>;

/** A record of the old app, with what it had not sent yet on top. */
export interface OldRecord {
  readonly id: string;
  readonly fields: JsonObject;
}

/** The cached array and the unsent changes of one type, in a fixed order: an interrupted run goes on by number. */
export const readOldRecords = async (storage: OldStorage, spec: AdoptSpec): Promise<OldRecord[]> => {
  const records = new Map<string, JsonObject>();
  for (const fields of await readArray(storage, spec.key)) put(records, fields);
  for (const change of await readArray(storage, spec.pendingKey ?? 'pending_changes')) {
    if (isOf(change, spec, records)) put(records, recordIn(change));
  }
  return Array.from(records, ([id, fields]) => ({ id, fields }));
};

const put = (records: Map<string, JsonObject>, fields: JsonObject): void => {
  const id = idOf(fields);
  if (id !== undefined) records.set(id, { ...records.get(id), ...fields });
};

const idOf = ({ id }: JsonObject): string | undefined =>
  typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;

/** Old apps queue the record itself, or wrap it. */
const recordIn = (change: JsonObject): JsonObject => {
  const inner = change['data'] ?? change['record'] ?? change['payload'];
  return isJsonObject(inner) ? { ...(change['id'] === undefined ? {} : { id: change['id'] }), ...inner } : change;
};

/** A change that says its type is of that type; one that does not belongs to the record whose id it has. */
const isOf = (change: JsonObject, { type, key }: AdoptSpec, records: ReadonlyMap<string, JsonObject>): boolean => {
  const said = change['type'] ?? change['entity'] ?? change['collection'];
  if (typeof said === 'string')
    return [type, `${type}s`, key, key.replace(/^cached_/, '')].includes(said.toLowerCase());
  const id = idOf(recordIn(change));
  return id !== undefined && records.has(id);
};

const readArray = async (storage: OldStorage, key: string): Promise<JsonObject[]> => {
  const text = await storage.getItem(key);
  if (text === null) return [];
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new Refusal('invalid', `${key} holds no JSON: nothing was adopted`);
  }
  return Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];
};
