import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import { isJsonObject, type Json } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';

/** The place after which a page goes on: the last row's sort value and id. Opaque to clients. */
export interface PagePlace {
  /** The sort it belongs to; a token of one order is refused by another. */
  readonly sort: string;
  /** null where the row has no value in the sort column. */
  readonly value: string | number | null;
  readonly id: Uuid;
}

/** What a token that no answer gave is answered with. */
export const invalidPage = (): Problem =>
  new Problem('invalid_request', 'The parameter "after" is not a token that this list gave for this sort.', {
    errors: [{ path: 'after', message: 'must be the "next" of an answer with the same sort' }],
  });

export const pageToken = ({ sort, value, id }: PagePlace): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');

const parse = (token: string): Json => {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Json;
  } catch {
    throw invalidPage();
  }
};

/** Reads a token; throws `invalid_request` for anything that `pageToken` would not have made for this sort. */
export const readPageToken = (token: string, sort: string): PagePlace => {
  const parts = parse(token);
  if (!Array.isArray(parts) || parts.length !== 3 || isJsonObject(parts)) throw invalidPage();
  const [given, value, id] = parts as readonly unknown[];
  if (given !== sort || !isUuid(id)) throw invalidPage();
  if (value !== null && typeof value !== 'number' && (typeof value !== 'string' || value.includes('\0')))
    throw invalidPage();
  return { sort, value, id };
};
