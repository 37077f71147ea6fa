import type { JsonObject } from '../../base/json.ts';

/** Makes the data of one schema version into that of the next. Pure and total: it meets what was written years ago. */
export type Upcaster = (data: JsonObject) => JsonObject;

/** By event type, the steps from version 1 to 2, 2 to 3 and so on; a type that is not named is at version 1. */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** A new schema version of an event adds its step here and raises `schemaVersion` in its definition; a test keeps both together. */
export const upcasters: Upcasters = {};

const NO_STEPS: readonly Upcaster[] = [];
const stepsOf = (type: string, steps: Upcasters): readonly Upcaster[] =>
  (Object.hasOwn(steps, type) && steps[type]) || NO_STEPS;

/** The newest schema version that the steps lead to. */
export const newestSchemaVersion = (type: string, steps: Upcasters = upcasters): number =>
  1 + stepsOf(type, steps).length;

export interface Upcasted {
  readonly schemaVersion: number;
  readonly data: JsonObject;
}

/** The data in its newest shape, or undefined where the version is newer than this code. */
export const upcast = (
  type: string,
  schemaVersion: number,
  data: JsonObject,
  steps: Upcasters = upcasters,
): Upcasted | undefined => {
  const newest = newestSchemaVersion(type, steps);
  if (schemaVersion > newest || schemaVersion < 1) return undefined;
  if (schemaVersion === newest) return { schemaVersion, data };
  const missing = stepsOf(type, steps).slice(schemaVersion - 1);
  return { schemaVersion: newest, data: missing.reduce((older, step) => step(older), data) };
};
