import type { Identified } from './client-store.ts';

/** Characters of JSON: a page of the size that the client asks for is mostly one segment, and sealed it still fits one key. */
export const SEGMENT_MAX = 144 * 1024;

/** A piece of the cache as it is on disk: newer pieces win over older ones. */
export interface SegmentBody<R, M> {
  readonly puts: readonly R[];
  readonly removes: readonly string[];
  /** The last segment of a page has this, and how many the page has; until it is there the page does not count. */
  readonly closes?: { readonly meta: M | null; readonly of: number } | undefined;
}

/** A segment in memory: what is needed to tell how much of it still counts. */
export interface Segment {
  readonly key: string;
  /** Characters on disk. */
  readonly size: number;
  readonly puts: readonly string[];
  readonly removes: readonly string[];
  /** How many of `puts` no newer segment has replaced. */
  live: number;
}

/** A record and where it counts. */
export interface Place<R> {
  readonly record: R;
  readonly segment: Segment;
}

interface Piece {
  readonly ids: readonly string[];
  readonly texts: readonly string[];
  readonly removes: readonly string[];
}

/** Records and removals in pieces that fit one key each; at least one, which may be empty. */
export const cutIntoPieces = (records: readonly Identified[], removes: readonly string[]): Piece[] => {
  const pieces: { ids: string[]; texts: string[]; removes: string[] }[] = [];
  let room = 0;
  const into = (size: number) => {
    const last = pieces.at(-1);
    if (last !== undefined && size <= room) {
      room -= size;
      return last;
    }
    const fresh = { ids: [], texts: [], removes: [] };
    pieces.push(fresh);
    room = SEGMENT_MAX - size;
    return fresh;
  };
  if (records.length + removes.length === 0) into(0);
  for (const record of records) {
    const text = JSON.stringify(record);
    const piece = into(text.length + 1);
    piece.texts.push(text);
    piece.ids.push(record.id);
  }
  for (const id of removes) into(id.length + 3).removes.push(id);
  return pieces;
};

/** The JSON of a segment, whose records are JSON already: twice would be the dearest step of a page. */
export const segmentText = (piece: Piece, closes?: SegmentBody<unknown, unknown>['closes']): string =>
  `{"puts":[${piece.texts.join(',')}],"removes":${JSON.stringify(piece.removes)}${
    closes === undefined ? '' : `,"closes":${JSON.stringify(closes)}`
  }}`;
