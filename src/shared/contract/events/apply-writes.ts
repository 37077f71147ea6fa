import type { Json, JsonObject } from '../../base/json.ts';
import type { Writes } from './definition.ts';

const CUSTOM = 'customFields.';

/** A state while it is being made: the only place where one is changed. */
export type Draft = Record<string, Json>;

/** Sets a field. `customFields.x` sets, or with null removes, the key x of customFields, whose object others may hold. */
export const setField = (draft: Draft, field: string, value: Json): void => {
  if (!field.startsWith(CUSTOM)) {
    draft[field] = value;
    return;
  }
  const key = field.slice(CUSTOM.length);
  const { [key]: _, ...rest } = (draft['customFields'] ?? {}) as JsonObject;
  draft['customFields'] = value === null ? rest : { ...rest, [key]: value };
};

/** `state` with the fields set. */
export const withFields = (state: JsonObject, fields: Readonly<Record<string, Json>>): JsonObject => {
  const next: Draft = { ...state };
  for (const field of Object.keys(fields)) setField(next, field, fields[field] as Json);
  return next;
};

/** The registers that an event changes: those of which it did not lose every field. */
export const wonRegisters = (writes: Writes, superseded: readonly string[]): string[] =>
  Object.keys(writes).filter((register) =>
    Object.keys(writes[register] ?? {}).some((field) => !superseded.includes(field)),
  );

/** Every field that an event writes and did not lose: how a projection folds without knowing about clocks. */
export const effectiveFields = (writes: Writes, superseded: readonly string[]): Record<string, Json> => {
  const fields: Record<string, Json> = {};
  for (const register of Object.values(writes)) {
    for (const [field, value] of Object.entries(register)) if (!superseded.includes(field)) fields[field] = value;
  }
  return fields;
};
