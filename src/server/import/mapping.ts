import * as z from 'zod';
import { err, ok, type Result } from '../../shared/base/result.ts';
import { PULL_BYTES_DEFAULT } from '../../shared/contract/sync.ts';
import { DELIMITERS } from './csv-rows.ts';
import { cellKindOf, fieldNamed, IMPORT_TYPES, TARGETS, type ImportType } from './targets.ts';

const columnName = z.string().min(1).max(200);

/** Where the value of a field comes from. */
const fieldSource = z.strictObject({
  column: columnName.optional(),
  /** Several columns, joined by `separator`; empty cells are left out. */
  columns: z.array(columnName).min(2).max(20).optional(),
  separator: z.string().max(20).optional(),
  /** The same value in every row. */
  constant: z.string().min(1).max(1000).optional(),
  /** Where the cell is empty. */
  default: z.string().min(1).max(1000).optional(),
  /** What a cell says → what it means: `{"GTXPro": "GTX Pro"}`. */
  values: z.record(z.string(), z.string()).optional(),
  /** What becomes of a cell that `values` does not name; kept unless said otherwise. */
  otherwise: z.enum(['keep', 'refuse', 'empty']).optional(),
  /** A row without it is refused. */
  required: z.boolean().optional(),
  /** How dates are written, made of YYYY, MM and DD: `MM/DD/YYYY`. ISO 8601 unless said otherwise. */
  format: z
    .string()
    .regex(/^(?=.*YYYY)(?=.*MM)(?=.*DD)[YMD./ -]{10}$/, 'must be made of YYYY, MM and DD, like DD.MM.YYYY')
    .optional(),
  /** The decimal sign of amounts; the other one may part thousands. A point unless said otherwise. */
  decimal: z.enum(['.', ',']).optional(),
});
export type FieldSource = z.output<typeof fieldSource>;

const oneSource = (source: FieldSource): boolean =>
  [source.column, source.columns, source.constant].filter((part) => part !== undefined).length === 1;

const stage = z.strictObject({
  name: z.string().min(1).max(200),
  kind: z.enum(['open', 'won', 'lost']),
  /** Percent, of open stages. */
  probability: z.number().min(0).max(100).optional(),
});

/** Found by its name, or made once. */
const pipeline = z.strictObject({
  name: z.string().min(1).max(200),
  stages: z.array(stage).min(3).max(50),
});

const mappingSchema = z.strictObject({
  type: z.enum(IMPORT_TYPES).optional(),
  /** Where the rows come from: the same key from another source is another record. */
  source: z.string().min(1).max(200).optional(),
  /** The column, or columns, whose value tells a row from all others. Without it the whole row does. */
  key: z.union([columnName, z.array(columnName).min(1).max(10)]).optional(),
  delimiter: z.enum(DELIMITERS).optional(),
  /** Of amounts, where no column says it. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code like EUR')
    .optional(),
  pipeline: pipeline.optional(),
  /** The open stage in which deals stood before they were won or lost. */
  closedFrom: z.string().min(1).max(200).optional(),
  /** Field → its column, or more about where its value comes from. */
  fields: z.record(
    z.string(),
    z.union([columnName, fieldSource.refine(oneSource, 'needs one of column, columns and constant')]),
  ),
});

export interface Mapping extends Omit<z.output<typeof mappingSchema>, 'fields' | 'key'> {
  readonly key: readonly string[];
  readonly fields: Readonly<Record<string, FieldSource>>;
}

/** As text, so that it fits a query parameter and a file alike. */
export const MAPPING_BYTES_MAX = PULL_BYTES_DEFAULT / 16;
const NOTHING: Mapping = { key: [], fields: {} };

/** Reads a mapping's JSON; the error is one clear line a mistake. */
export const parseMapping = (text: string): Result<Mapping, readonly string[]> => {
  if (Buffer.byteLength(text) > MAPPING_BYTES_MAX) return err([`mapping: must be at most ${MAPPING_BYTES_MAX} bytes`]);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return err(['mapping: is not JSON']);
  }
  const parsed = mappingSchema.safeParse(json);
  if (!parsed.success)
    return err(parsed.error.issues.map(({ path, message }) => `${['mapping', ...path].join('.')}: ${message}`));
  const { fields, key = [], ...rest } = parsed.data;
  const sources = Object.entries(fields).map(([field, from]) => [
    field,
    typeof from === 'string' ? { column: from } : from,
  ]);
  return ok({ ...rest, key: typeof key === 'string' ? [key] : key, fields: Object.fromEntries(sources) });
};

/**
 * The mapping in force: the file's, with the pairs `column=field` of the options over it. Where neither says anything,
 * columns named like a field are taken; of a column named like it and one named like its alias the former.
 */
export const effectiveMapping = (
  type: ImportType,
  given: {
    readonly mapping?: Mapping | undefined;
    readonly pairs: readonly (readonly [column: string, field: string])[];
  },
  header: readonly string[],
): Result<Mapping, readonly string[]> => {
  const mapping = given.mapping ?? NOTHING;
  const fields: Record<string, FieldSource> = {};
  const twice: string[] = [];
  for (const [name, source] of Object.entries(mapping.fields)) {
    const field = fieldNamed(type, name);
    if (fields[field] !== undefined) twice.push(`The mapping names ${field} twice, once as another word for it.`);
    fields[field] = source;
  }
  for (const [column, name] of given.pairs) {
    const field = fieldNamed(type, name);
    fields[field] = { ...withoutSource(fields[field]), column };
  }
  if (Object.keys(fields).length === 0) Object.assign(fields, fieldsNamedIn(type, header));
  const mistakes = [...twice, ...mistakesIn(type, { ...mapping, fields }, header)];
  return mistakes.length > 0 ? err(mistakes) : ok({ ...mapping, fields });
};

const fieldsNamedIn = (type: ImportType, header: readonly string[]): Record<string, FieldSource> => {
  const fields: Record<string, FieldSource> = {};
  for (const column of header) {
    const field = fieldNamed(type, column);
    const taken = column !== field && fields[field] !== undefined;
    if (cellKindOf(type, field) !== undefined && !taken) fields[field] = { column };
  }
  return fields;
};

const withoutSource = (source: FieldSource | undefined): FieldSource => {
  const { column: _, columns: __, constant: ___, ...rest } = source ?? {};
  return rest;
};

const mistakesIn = (type: ImportType, mapping: Mapping, header: readonly string[]): string[] => {
  const mistakes: string[] = [];
  if (mapping.type !== undefined && mapping.type !== type)
    mistakes.push(`The mapping is for ${mapping.type}, not for ${type}.`);
  const fields = Object.keys(mapping.fields);
  if (fields.length === 0)
    mistakes.push(`No column is named like a field of ${type}: map one with column=field. ${fieldList(type)}`);
  for (const field of fields) {
    if (cellKindOf(type, field) === undefined) mistakes.push(`${type} have no field "${field}". ${fieldList(type)}`);
  }
  for (const column of columnsOf(mapping)) {
    if (!header.includes(column))
      mistakes.push(`The file has no column "${column}". It has: ${header.join(', ').slice(0, 500)}`);
  }
  return mistakes;
};

const fieldList = (type: ImportType): string =>
  `Fields: ${Object.keys(TARGETS[type]).join(', ')}${type === 'activities' ? '' : ', customFields.<key>'}.`;

/** Every column that a mapping names. */
export const columnsOf = (mapping: Mapping): ReadonlySet<string> => {
  const sources = Object.values(mapping.fields).flatMap(({ column, columns }) => [column ?? [], columns ?? []].flat());
  return new Set([...mapping.key, ...sources]);
};

/** The columns of a file that a mapping leaves out, in their order. */
export const ignoredColumns = (mapping: Mapping, header: readonly string[]): string[] => {
  const used = columnsOf(mapping);
  return header.filter((column) => !used.has(column));
};
