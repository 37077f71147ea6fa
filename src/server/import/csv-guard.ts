/** Bytes of a cell that are kept: one more than allowed, so that the reader sees which cell was cut. */
export const CELL_BYTES_MAX = 64 * 1024;
/** A row with more cells is cut there; its count is then wrong in any case. */
export const COLUMNS_MAX = 500;

const QUOTE = 0x22;
const NEWLINE = 0x0a;
type Place = 'cell start' | 'plain' | 'quoted' | 'after quote';

/**
 * Cuts over-long cells and rows before the parser sees them, because the parser holds a whole row in memory and loses the
 * rest of the chunk when its own limit is hit. It follows the parser's idea of quotes with `relax_quotes`: a quote opens
 * only at the start of a cell, and whatever follows the closing one up to the delimiter is plain text.
 */
export async function* guardCells(source: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<Buffer> {
  const guard = createGuard(delimiter.charCodeAt(0));
  for await (const chunk of source) yield guard.pass(chunk);
  yield guard.end();
}

const createGuard = (delimiter: number) => {
  let place: Place = 'cell start';
  let kept = 0;
  let cells = 1;
  let out = Buffer.alloc(0);
  let length = 0;

  const emit = (byte: number) => {
    if (cells <= COLUMNS_MAX) out[length++] = byte;
  };
  const keep = (byte: number) => {
    if (kept > CELL_BYTES_MAX) return;
    kept += 1;
    emit(byte);
  };
  const afterQuote = (byte: number): boolean => {
    if (byte === QUOTE) {
      // An escaped quote counts once, and both halves are kept or none.
      if (kept <= CELL_BYTES_MAX) emit(QUOTE);
      keep(QUOTE);
      place = 'quoted';
      return true;
    }
    emit(QUOTE);
    place = 'plain';
    return false;
  };
  const nextCell = (byte: number) => {
    place = 'cell start';
    kept = 0;
    if (byte === NEWLINE) cells = 1;
    else cells += 1;
    emit(byte);
  };
  const inside = (byte: number) => {
    if (byte === QUOTE) place = 'after quote';
    else keep(byte);
  };
  const outside = (byte: number) => {
    if (byte === NEWLINE || byte === delimiter) return nextCell(byte);
    if (place === 'cell start' && byte === QUOTE) {
      place = 'quoted';
      return emit(byte);
    }
    place = 'plain';
    return keep(byte);
  };
  return {
    pass(chunk: Uint8Array): Buffer {
      // A quote held back from the chunk before may add one byte.
      out = Buffer.allocUnsafe(chunk.length + 1);
      length = 0;
      for (const byte of chunk) {
        if (place === 'after quote' && afterQuote(byte)) continue;
        if (place === 'quoted') inside(byte);
        else outside(byte);
      }
      return out.subarray(0, length);
    },
    end(): Buffer {
      out = Buffer.allocUnsafe(1);
      length = 0;
      if (place === 'after quote') emit(QUOTE);
      return out.subarray(0, length);
    },
  };
};
