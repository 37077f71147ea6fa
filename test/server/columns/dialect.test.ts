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

  test('has percentiles as PostgreSQL tells them', () => {
    expect(translated('percentile_cont($1::float8) within group (order by c.ms) as p')).toBe(
      'percentile_of($1::float8, list_sort(list(c.ms) filter (c.ms is not null and true))) as p',
    );
    expect(translated("percentile_cont(0.5) within group (order by c.ms) filter (where c.outcome = 'won')")).toBe(
      "percentile_of(0.5, list_sort(list(c.ms) filter (c.ms is not null and c.outcome = 'won')))",
    );
  });

  test('is left alone otherwise', () => {
    const text = 'select count(*) filter (where a > 1) from read_model.deal_v3 d where d.workspace_id = $1::uuid';
    expect(translated(text)).toBe(text);
  });
});
