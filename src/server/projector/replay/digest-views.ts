import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Projection } from '../../../../projections/projection.ts';
import { each } from '../side-tables.ts';
import { keyOf, viewName } from '../tables.ts';

const LINE_FEED = 10;

/** In COPY's text format a bare line feed ends a row and nothing else. */
const countRows = (chunk: Buffer): number => {
  let rows = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) rows += 1;
  return rows;
};

/**
 * The rows of all tables' views in a schema, in the order of their keys: how many, and the SHA-256 of their text. What joins
 * them follows from them and is left out.
 */
export const digestViews = async (
  client: ClientBase,
  projections: readonly Projection[],
  schema: string,
): Promise<{ readonly rows: number; readonly sha256: string }> => {
  const hash = createHash('sha256');
  let rows = 0;
  for (const [, table] of each(projections)) {
    hash.update(`${table.name}\n`);
    const select = `select * from ${viewName(table, schema)} order by ${keyOf(table).join(', ')}`;
    for await (const chunk of client.query(copyTo(`copy (${select}) to stdout`)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      rows += countRows(chunk);
    }
  }
  return { rows, sha256: hash.digest('hex') };
};
