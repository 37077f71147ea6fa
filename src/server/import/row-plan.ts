import type { Uuid } from '../../shared/base/ids.ts';
import type { Json, JsonObject } from '../../shared/base/json.ts';
import { currencyExponent } from '../../shared/base/money.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import { minorUnits } from './cell-values.ts';
import { quoted, type RowProblem } from './csv-rows.ts';
import type { Directory } from './directory.ts';
import type { DealTarget } from './deal-target.ts';
import type { Fields, RowReader } from './read-fields.ts';

/** An event that a row asks for, before it gets its ids. */
export interface PlannedEvent {
  /** Tells it from the row's other events, of this reading and of earlier ones. */
  readonly label: string;
  readonly type: EventType;
  readonly data: JsonObject;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface RowPlan {
  readonly streamId: Uuid;
  readonly events: readonly PlannedEvent[];
}

/** What a row means, whatever the type. */
export interface RowContext {
  readonly directory: Directory;
  readonly reader: RowReader;
  /** The record that the row makes unless it finds one. */
  readonly recordId: Uuid;
  /** Whether an earlier reading of this row made the record. */
  readonly madeBefore: boolean;
  /** When the record came to be; the time of the import where the row does not say. */
  readonly time: number;
  /** Of amounts that have none of their own. */
  readonly currency: string;
  /** Of an import of deals. */
  readonly deals: DealTarget | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Planner = (fields: Fields, context: RowContext) => Result<RowPlan, RowProblem>;

export const text = (fields: Fields, field: string): string | undefined => {
  const value = fields[field];
  return typeof value === 'string' ? value : undefined;
};

/** A refusal that names the column of a field. */
export const refuse = (context: RowContext, field: string, message: string, code: RowProblem['code'] = 'invalid') => {
  const column = context.reader.columnOf(field);
  return err<RowProblem>(column === undefined ? { code, message } : { code, message, column });
};

const blame = <T>(context: RowContext, field: string, result: Result<T, RowProblem>): Result<T, RowProblem> =>
  result.ok ? result : refuse(context, field, result.error.message, result.error.code);

/** The given fields that the row has, as data. */
export const present = (fields: Fields, names: readonly string[]): JsonObject => {
  const data: Record<string, Json> = {};
  for (const name of names) if (fields[name] !== undefined) data[name] = fields[name];
  return data;
};

/** `customFields.x` of the mapping as the data's customFields. */
export const customFields = (fields: Fields): JsonObject => {
  const entries = Object.entries(fields).filter(([field]) => field.startsWith('customFields.'));
  return entries.length === 0
    ? {}
    : { customFields: Object.fromEntries(entries.map(([field, value]) => [field.slice(13), value])) };
};

/** E-mail addresses or telephone numbers, the first one primary. */
export const contactMethods = (fields: Fields, field: string): JsonObject => {
  const values = fields[field];
  if (!Array.isArray(values) || values.length === 0) return {};
  return { [field]: values.map((value: string, index) => (index === 0 ? { value, primary: true } : { value })) };
};

/** Owner and team, by id or by name; a mapped owner whose cell is empty is nobody, an unmapped one is left to the rules. */
export const ownership = (fields: Fields, context: RowContext): Result<JsonObject, RowProblem> => {
  const team = teamOf(fields, context);
  if (!team.ok) return team;
  const owner = ownerOf(fields, context, team.value);
  if (!owner.ok) return owner;
  return ok({
    ...(owner.value === undefined ? {} : { ownerId: owner.value }),
    ...(team.value === undefined ? {} : { teamId: team.value }),
  });
};

const teamOf = (fields: Fields, context: RowContext): Result<Uuid | undefined, RowProblem> => {
  const id = text(fields, 'teamId');
  const path = text(fields, 'teamPath');
  if (id !== undefined || path === undefined) return ok(id);
  return blame(context, 'teamPath', context.directory.team(path));
};

/** null where the owner's cell is empty, undefined where no column says it. */
export const ownerOf = (
  fields: Fields,
  context: RowContext,
  teamId?: Uuid,
): Result<Uuid | null | undefined, RowProblem> => {
  const id = text(fields, 'ownerId');
  if (id !== undefined) return ok(id);
  const name = text(fields, 'ownerName');
  if (name !== undefined) return blame(context, 'ownerName', context.directory.user(name, teamId));
  const mapped = ['ownerId', 'ownerName'].some((field) => context.reader.columnOf(field) !== undefined);
  return ok(mapped ? null : undefined);
};

/** The company that a cell names, as `field` of the data. */
export const companyBy = (
  fields: Fields,
  context: RowContext,
  [cell, field]: readonly [string, string],
): Result<JsonObject, RowProblem> => {
  const name = text(fields, cell);
  if (name === undefined) return ok({});
  const found = blame(context, cell, context.directory.company(name));
  return found.ok ? ok({ [field]: found.value }) : found;
};

/** Minor units and currency, or nothing where the row has no amount. */
export const money = (
  fields: Fields,
  context: RowContext,
): Result<{ amountMinor: number; currency: string } | undefined, RowProblem> => {
  const amount = text(fields, 'amount');
  const minor = fields['amountMinor'];
  if (amount === undefined && typeof minor !== 'number') return ok(undefined);
  const currency = text(fields, 'currency') ?? context.currency;
  const digits = currencyExponent(currency);
  if (digits === undefined) return refuse(context, 'currency', `${quoted(currency)} is not an ISO 4217 currency.`);
  const amountMinor = typeof minor === 'number' ? minor : minorUnits(amount ?? '', digits);
  if (amountMinor === undefined)
    return refuse(context, 'amount', `${quoted(amount ?? '')} has more than the ${digits} decimals of ${currency}.`);
  return ok({ amountMinor, currency });
};

/** Joins results whose values are parts of one event's data. */
export const joined = (...parts: readonly Result<JsonObject, RowProblem>[]): Result<JsonObject, RowProblem> => {
  const data: Record<string, Json> = {};
  for (const part of parts) {
    if (!part.ok) return part;
    Object.assign(data, part.value);
  }
  return ok(data);
};
