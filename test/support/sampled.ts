/** A JSON Schema, as far as those of our routes go. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly pattern?: string;
}

const WORD = 'word';

/** A text for a format; `id` wherever an id is meant. */
const textOf = ({ format, pattern }: Schema, id: string): string => {
  if (format === 'uuid' || pattern?.includes('[0-9a-f') === true) return id;
  if (format === 'email') return 'nobody@example.com';
  if (format === 'date-time') return '2026-01-01T00:00:00.000Z';
  if (format === 'date') return '2026-01-01';
  return WORD;
};

/** A value that fits the schema, all of its optional fields included, and names `id` wherever it can. */
export const sampled = (schema: Schema, id: string): unknown => {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const either = schema.anyOf ?? schema.oneOf;
  // The last alternative that is not null: ids stand behind words there.
  if (either !== undefined) return sampled(either.findLast(({ type }) => type !== 'null') ?? {}, id);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') {
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, sampled(field, id)]));
  }
  if (type === 'array') return schema.items === undefined ? [] : [sampled(schema.items, id)];
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum ?? 1, 1);
  if (type === 'boolean') return false;
  return type === 'string' ? textOf(schema, id) : null;
};
