import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

// The README's table of imports, executed: the map and the house cannot drift apart.
const root = join(import.meta.dirname, '..');

interface Row {
  readonly folder: string;
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);

const readTable = (): Row[] => {
  const section =
    readFileSync(join(root, 'README.md'), 'utf8').split('### Who may import whom')[1]?.split('\n#')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((line) => {
    const [, names = '', folders = '', packages = ''] = line.split('|');
    return words(names).map((folder) => ({ folder, folders: words(folders), packages: words(packages) }));
  });
};

const sources = ['src', 'projections'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(folder, file)),
);

// Statements that begin a line, and calls; prose and SQL say "from" too.
const IMPORT =
  /^(?:import|export)\s[^;'"]*?\bfrom\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)].map(
    (match) => (match[1] ?? match[2] ?? match[3]) as string,
  );

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const rowOf = (table: readonly Row[], file: string): Row | undefined =>
  table.filter(({ folder }) => isWithin(file, folder)).sort((a, b) => b.folder.length - a.folder.length)[0];

const isPackageAllowed = (row: Row, name: string): boolean =>
  row.packages.some(
    (allowed) =>
      allowed === 'any' || name === allowed || (allowed.endsWith('*') && name.startsWith(allowed.slice(0, -1))),
  );

/** What a file imports against its row, one line a violation. */
const violations = (table: readonly Row[], file: string): string[] => {
  const row = rowOf(table, file);
  if (row === undefined) return [`${file} is in no row of the table`];
  return importsOf(file).flatMap((specifier) => {
    if (!specifier.startsWith('.')) return isPackageAllowed(row, specifier) ? [] : [`${file} imports ${specifier}`];
    const target = relative(root, join(root, dirname(file), specifier));
    const allowed =
      isWithin(target, row.folder) || row.folders.some((folder) => folder === 'any' || isWithin(target, folder));
    return allowed ? [] : [`${file} imports ${target}`];
  });
};

describe('the house', () => {
  const table = readTable();

  test('has a table of imports and files to hold against it', () => {
    expect(table.length).toBeGreaterThan(12);
    expect(sources.length).toBeGreaterThan(80);
  });

  test('keeps to the table', () => {
    expect(sources.flatMap((file) => violations(table, file))).toEqual([]);
  });

  test('would not let a planted violation pass', () => {
    const planted: Row[] = [{ folder: 'projections', folders: ['projections'], packages: [] }];
    expect(violations(planted, 'projections/deal.ts')).not.toEqual([]);
  });
});
