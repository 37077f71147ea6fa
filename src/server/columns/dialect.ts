import type * as DuckDB from '@duckdb/node-api';

/** What DuckDB calls otherwise than PostgreSQL; made once in every database, by its own rules. */
export const MACROS: readonly string[] = [
  'create macro make_interval(months := 0, years := 0) as to_months((months + 12 * years)::integer)',
  `create macro to_char(moment, pattern) as case pattern
     when 'YYYY-MM' then strftime(moment, '%Y-%m') when 'YYYY' then strftime(moment, '%Y')
     when 'YYYY-"Q"Q' then strftime(moment, '%Y-Q') || quarter(moment) else error('unknown pattern ' || pattern) end`,
  // A third of the time that date_part takes.
  'create macro epoch_of(moment) as epoch_ms(moment) / 1000e0',
];

/** The index of the bracket that closes the one before `from`. */
const closing = (text: string, from: number): number => {
  let depth = 1;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    else if (text[index] === ')' && (depth -= 1) === 0) return index;
  }
  throw new Error('a bracket is not closed');
};

/** `x = any (array(select …))` to `x in (select …)`: a list is searched from end to end, a subquery by its hashes. */
const arraysToSets = (text: string, operator: string, set: string): string => {
  const opening = `${operator} (array(`;
  const start = text.indexOf(opening);
  if (start < 0) return text;
  const from = start + opening.length;
  const end = closing(text, from);
  const inner = arraysToSets(text.slice(from, end), operator, set);
  const rest = arraysToSets(text.slice(closing(text, end + 1) + 1), operator, set);
  return `${text.slice(0, start)}${set} (${inner})${rest}`;
};

const ID_ARRAY = /'\{([0-9a-f,-]*)\}'::uuid\[\]/g;
const ROW_BEFORE = /lag\((h|v)\.(\w+)\) over before/g;
// Of numbers, in an order that is their own.
const SORTED_ARRAY = /array_agg\(([^()]*) order by [^()]*\)/g;

/**
 * A statement of ours as DuckDB takes it. Its SQL is PostgreSQL's but for a few forms, of which the metrics use these; a
 * form that is missing here fails in the tests, which ask every metric of both.
 */
export const translated = (text: string): string => {
  const plain = text
    .replaceAll(ID_ARRAY, (_, ids: string) => `[${ids === '' ? '' : `'${ids.replaceAll(',', "','")}'`}]::uuid[]`)
    .replaceAll(ROW_BEFORE, '$1.was_$2')
    .replaceAll("date_part('epoch', ", 'epoch_of(')
    .replaceAll(SORTED_ARRAY, 'list_sort(array_agg($1))');
  return arraysToSets(arraysToSets(plain, '= any', 'in'), '<> all', 'not in');
};

type Value = DuckDB.DuckDBValue;
type Converter = DuckDB.DuckDBValueConverter<unknown>;
type Form = (value: Value, type: DuckDB.DuckDBType, convert: Converter) => unknown;

const same: Form = (value) => value;
const text: Form = String;
const listed: Form = (value, type, convert) => {
  const { items } = value as DuckDB.DuckDBListValue;
  const { valueType } = type as DuckDB.DuckDBListType;
  return items.map((item) => convert(item, valueType, convert));
};

/** Values in the forms in which our PostgreSQL pools hand them out (server/database/column-values.ts). */
export const asPostgres = ({ DuckDBTypeId: Type }: typeof DuckDB): Converter => {
  const forms = new Map<DuckDB.DuckDBTypeId, Form>([
    [Type.BOOLEAN, same],
    [Type.INTEGER, same],
    [Type.BIGINT, Number],
    [Type.DOUBLE, same],
    [Type.HUGEINT, text],
    [Type.DECIMAL, text],
    [Type.VARCHAR, same],
    [Type.UUID, text],
    [Type.DATE, text],
    [
      Type.TIMESTAMP_TZ,
      (value) => new Date(Number((value as DuckDB.DuckDBTimestampTZValue).micros / 1000n)).toISOString(),
    ],
    [Type.LIST, listed],
  ]);
  return (value, type, convert) => {
    const form = forms.get(type.typeId);
    if (form === undefined) throw new Error(`no metric answers with ${String(type)}`);
    return value === null ? null : form(value, type, convert);
  };
};
