import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { effectiveMapping, ignoredColumns, parseMapping } from '../../../src/server/import/mapping.ts';
import { createRowReader } from '../../../src/server/import/read-fields.ts';
import { mappingOf } from '../../support/importing.ts';

const mistakes = (text: string): string => {
  const parsed = parseMapping(text);
  return parsed.ok ? 'fine' : parsed.error.join('; ');
};

describe('a mapping file', () => {
  test('as we ship it is fine', () => {
    const shipped = new URL('../../../scripts/examples/sales-pipeline.json', import.meta.url);
    expect(mistakes(readFileSync(shipped, 'utf8'))).toBe('fine');
  });

  test('with a mistake is told where it is', () => {
    expect(mistakes('{')).toBe('mapping: is not JSON');
    expect(mistakes('{"fields":{"name":{"colum":"a"}}}')).toContain('mapping.fields.name');
    expect(mistakes('{"fields":{"name":{"column":"a","constant":"b"}}}')).toContain(
      'one of column, columns and constant',
    );
    expect(mistakes('{"fields":{"createdAt":{"column":"a","format":"YY-MM-DD"}}}')).toContain('YYYY, MM and DD');
    expect(mistakes('{"fields":{},"currency":"euro"}')).toContain('mapping.currency');
    expect(mistakes(`{"fields":{"name":"${'x'.repeat(70_000)}"}}`)).toContain('at most');
  });
});

describe('the mapping in force', () => {
  const header = ['Name', 'status', 'source'];

  test('has the pairs of the options over the file', () => {
    const mapping = mappingOf({ fields: { name: { column: 'status', required: true }, source: 'source' } });
    const effective = effectiveMapping('leads', { mapping, pairs: [['Name', 'name']] }, header);
    expect(effective).toMatchObject({
      ok: true,
      value: { fields: { name: { column: 'Name', required: true }, source: { column: 'source' } } },
    });
  });

  test('takes columns named like fields where nobody says anything', () => {
    const effective = effectiveMapping('leads', { pairs: [] }, header);
    expect(effective).toMatchObject({
      ok: true,
      value: { fields: { status: { column: 'status' }, source: { column: 'source' } } },
    });
  });
});

describe('a name for a field', () => {
  const fieldsOf = (
    type: 'leads' | 'contacts' | 'companies',
    header: readonly string[],
    pairs: [string, string][] = [],
  ) => {
    const effective = effectiveMapping(type, { pairs }, header);
    return effective.ok
      ? Object.entries(effective.value.fields).map(([field, { column }]) => [field, column])
      : effective.error;
  };

  test('may be the one that people use', () => {
    expect(fieldsOf('leads', ['name', 'email', 'phone', 'company'])).toEqual([
      ['name', 'name'],
      ['emails', 'email'],
      ['phones', 'phone'],
      ['companyName', 'company'],
    ]);
    expect(
      fieldsOf(
        'contacts',
        ['Who', 'Mail'],
        [
          ['Who', 'name'],
          ['Mail', 'email'],
        ],
      ),
    ).toContainEqual(['emails', 'Mail']);
    expect(fieldsOf('companies', ['name', 'email'])).toEqual([['name', 'name']]);
  });

  test('goes before its alias, wherever the two stand', () => {
    expect(fieldsOf('leads', ['emails', 'email'])).toEqual([['emails', 'emails']]);
    expect(fieldsOf('leads', ['email', 'emails'])).toEqual([['emails', 'emails']]);
    const both = mappingOf({ fields: { email: 'a', emails: 'b' } });
    expect(effectiveMapping('leads', { mapping: both, pairs: [] }, ['a', 'b'])).toMatchObject({ ok: false });
  });

  test('may be missing: such columns are told', () => {
    const mapping = mappingOf({ key: 'id', fields: { name: { columns: ['a', 'b'] } } });
    expect(ignoredColumns(mapping, ['x', 'a', 'id', 'b', 'y'])).toEqual(['x', 'y']);
  });
});

describe('a row', () => {
  const reader = (mapping: object) => createRowReader('leads', mappingOf(mapping), ['a', 'b', 'c']);

  test('has constants, defaults, joined columns and translated values', () => {
    const fields = reader({
      fields: {
        name: { columns: ['a', 'b'], separator: ' ' },
        source: { column: 'c', values: { W: 'web' }, default: 'unknown' },
        campaign: { constant: 'spring' },
      },
    }).fields;
    expect(fields([' Ada ', 'Lovelace', 'W'])).toEqual({
      ok: true,
      value: { name: 'Ada Lovelace', source: 'web', campaign: 'spring' },
    });
    expect(fields(['Ada', '', ''])).toEqual({
      ok: true,
      value: { name: 'Ada', source: 'unknown', campaign: 'spring' },
    });
  });

  test('is refused where a required value is missing or not translated', () => {
    const strict = reader({
      fields: {
        name: { column: 'a', required: true },
        source: { column: 'c', values: { W: 'web' }, otherwise: 'refuse' },
      },
    });
    expect(strict.fields(['', '', 'W'])).toMatchObject({
      ok: false,
      error: { column: 'a', message: 'name is missing.' },
    });
    expect(strict.fields(['x', '', 'V'])).toMatchObject({ ok: false, error: { column: 'c' } });
  });

  test('without a key is known by all of its cells', () => {
    const { key } = reader({ fields: { name: 'a' } });
    expect(key(['a', 'b', 'c'])).not.toEqual(key(['a', 'bc', '']));
    expect(reader({ key: ['a', 'b'], fields: { name: 'a' } }).key(['', ' ', 'x'])).toMatchObject({ ok: false });
  });
});
