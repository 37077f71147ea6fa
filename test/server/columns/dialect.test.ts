import { describe, expect, test } from 'vitest';
import { translated } from '../../../src/server/columns/dialect.ts';

const ID = '0190f6a0-0000-7000-8000-000000000001';

describe('a statement as DuckDB takes it', () => {
  test('has lists of ids as lists', () => {
    expect(translated(`owner_id = any('{${ID},${ID}}'::uuid[])`)).toBe(`owner_id = any(['${ID}','${ID}']::uuid[])`);
    expect(translated(`owner_id = any('{}'::uuid[])`)).toBe('owner_id = any([]::uuid[])');
  });

  test('looks rows up by hash and not in a list', () => {
    expect(translated('a = any (array(select f(x) from t where (y))) and b')).toBe(
      'a in (select f(x) from t where (y)) and b',
    );
    expect(translated('a <> all (array(select x from t)) and c = any (array(select y from u))')).toBe(
      'a not in (select x from t) and c in (select y from u)',
    );
    expect(translated('a = any (array(select x from t where y = any (array(select z from u))))')).toBe(
      'a in (select x from t where y in (select z from u))',
    );
  });

  test('sorts lists behind the sum and not in it', () => {
    expect(translated('array_agg(v.step order by v.visit) as way')).toBe('list_sort(array_agg(v.step)) as way');
  });

  test('looks back at what copies have as a column', () => {
    expect(translated('select lag(h.owner_id) over before as was_owner')).toBe('select h.was_owner_id as was_owner');
  });

  test('is left alone otherwise', () => {
    const text = 'select count(*) filter (where a > 1) from read_model.deal_v3 d where d.workspace_id = $1::uuid';
    expect(translated(text)).toBe(text);
  });
});
