import { Readable, pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { RejectionCode } from '../../shared/contract/rejections.ts';
import { CELL_BYTES_MAX, COLUMNS_MAX, guardCells } from './csv-guard.ts';

/** Why a row is refused. */
export interface RowProblem {
  readonly code: RejectionCode;
  /** A sentence that says what to do. */
  readonly message: string;
  /** The column to look at, by its name in the header. */
  readonly column?: string;
}

/** A row as it stands in the file: 1 is the first below the header. `line` counts the lines of the file from 1. */
export interface CsvRow {
  readonly row: number;
  readonly line: number;
  readonly cells: Result<readonly string[], RowProblem>;
}

export interface CsvFile {
  readonly header: readonly string[];
  /** To be read once; stopping early closes the source. */
  readonly rows: AsyncIterable<CsvRow>;
}

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Opens a CSV file of any length, holding a few rows at a time. A flaw in a row (its count of cells, its encoding, a cell
 * over 64 KiB) is that row's problem; the error names what is wrong with the file as a whole.
 */
export const openCsv = async (
  source: AsyncIterable<Uint8Array>,
  delimiter: Delimiter,
): Promise<Result<CsvFile, string>> => {
  const parser = createParser(delimiter);
  // Errors reach the reader through the parser, which the pipeline destroys with them.
  pipeline(Readable.from(guardCells(withoutMark(source), delimiter), { objectMode: false }), parser, () => {});
  const records: AsyncIterator<ParsedRecord> = parser[Symbol.asyncIterator]();
  const first = await records.next();
  if (first.done === true) return err('The file is empty: its first line must name the columns.');
  const header = headerOf(first.value, delimiter);
  if (!header.ok) {
    await records.return?.();
    return header;
  }
  return ok({ header: header.value, rows: dataRows(records, header.value, parser) });
};

const createParser = (delimiter: Delimiter) => {
  let openQuote: number | undefined;
  const parser = parse({
    delimiter,
    // Keeps every byte as it is: cells are decoded one by one, so that a wrong byte spoils its row only.
    encoding: 'latin1',
    info: true,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    // All that is left to skip is a quote that is open at the end. Thrown, it would take along the rows before it.
    skip_records_with_error: true,
    on_skip: (error) => {
      openQuote = Number(error?.['lines'] ?? 0);
    },
  });
  return Object.assign(parser, { openQuoteAtLine: () => openQuote });
};

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Without the byte order mark that spreadsheets write in front of UTF-8. */
async function* withoutMark(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < MARK.length) continue;
    yield head.subarray(0, MARK.length).equals(MARK) ? head.subarray(MARK.length) : head;
    head = undefined;
  }
  if (head !== undefined && !head.equals(MARK)) yield head;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of a cell, or undefined where its bytes are not UTF-8. */
const decoded = (cell: string): string | undefined => {
  if (/^[\0-\x7f]*$/.test(cell)) return cell;
  try {
    return decoder.decode(Buffer.from(cell, 'latin1'));
  } catch {
    return undefined;
  }
};

const headerOf = ({ record }: ParsedRecord, delimiter: Delimiter): Result<readonly string[], string> => {
  if (record.length > COLUMNS_MAX) return err(`The header names more than ${COLUMNS_MAX} columns.`);
  const names: string[] = [];
  for (const [index, cell] of record.entries()) {
    const name = decoded(cell)?.trim();
    if (name === undefined) return err('The header is not UTF-8: save the file as "CSV UTF-8".');
    if (name === '') return err(`Column ${index + 1} has no name in the header.`);
    if (name.length > 200)
      return err(`Column ${index + 1} has a name of more than 200 characters: is this a CSV file?`);
    if (names.includes(name)) return err(`The header names the column ${quoted(name)} twice.`);
    names.push(name);
  }
  const other = DELIMITERS.find(
    (candidate) => candidate !== delimiter && names.length === 1 && names[0]?.includes(candidate) === true,
  );
  if (other !== undefined) return err(`The header has one column only; is the delimiter ${quoted(other)}?`);
  return ok(names);
};

async function* dataRows(
  records: AsyncIterator<ParsedRecord>,
  header: readonly string[],
  parser: { openQuoteAtLine(): number | undefined },
): AsyncGenerator<CsvRow> {
  let row = 0;
  try {
    for (let next = await records.next(); next.done !== true; next = await records.next()) {
      row += 1;
      yield { row, line: next.value.info.lines, cells: cellsOf(next.value.record, header) };
    }
    const line = parser.openQuoteAtLine();
    if (line !== undefined) yield { row: row + 1, line, cells: err({ code: 'invalid', message: QUOTE_NOT_CLOSED }) };
  } finally {
    await records.return?.();
  }
}
const QUOTE_NOT_CLOSED =
  'A quote is opened in this row and never closed, so the rest of the file was read as one cell.';

const cellsOf = (record: readonly string[], header: readonly string[]): Result<readonly string[], RowProblem> => {
  if (record.length !== header.length) {
    return err({
      code: 'invalid',
      message: `The row has ${record.length} cells, the header names ${header.length} columns.`,
    });
  }
  const cells: string[] = [];
  for (const [index, cell] of record.entries()) {
    const column = header[index] ?? '';
    if (cell.length > CELL_BYTES_MAX)
      return err({ code: 'invalid', message: 'The cell is longer than 64 KiB.', column });
    const text = decoded(cell);
    if (text === undefined) return err({ code: 'invalid', message: 'The cell is not UTF-8.', column });
    cells.push(text);
  }
  return ok(cells);
};

/** A value from the file for use in a message: escaped and short. */
export const quoted = (value: string): string => JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
