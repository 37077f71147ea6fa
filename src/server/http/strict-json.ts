import { isAscii, isUtf8 } from 'node:buffer';
import { firstFlaw } from '../../shared/base/ijson.ts';
import { isJsonObject } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';

export const JSON_DEPTH_MAX = 32;
/** A sync of 1000 events has some 30 values an event; this leaves room for seven times that. */
export const JSON_NODES_MAX = 200_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const invalid = (detail: string): Problem => new Problem('invalid_json', detail);

/** Index of the quote that ends the string begun at `start`, or the length where there is none. */
const endOfString = (bytes: Buffer, start: number): number => {
  const length = bytes.length;
  let index = start + 1;
  while (index < length) {
    const byte = bytes[index];
    if (byte === QUOTE) return index;
    index += byte === BACKSLASH ? 2 : 1;
  }
  return length;
};

/**
 * One pass over the bytes before anything is built from them: bounds depth and size of what JSON.parse will make, so that
 * whatever recurses later cannot overflow the stack. Answers how many members all objects have together.
 */
const scan = (bytes: Buffer): number => {
  let depth = 0;
  let nodes = 1;
  let members = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) index = endOfString(bytes, index);
    else if (byte === COLON) members += 1;
    else if (byte === COMMA) nodes += 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      nodes += 1;
      depth += 1;
      if (depth > JSON_DEPTH_MAX) throw invalid(`The body is nested deeper than ${JSON_DEPTH_MAX} levels.`);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
  }
  if (nodes > JSON_NODES_MAX) throw invalid(`The body holds more than ${JSON_NODES_MAX} values.`);
  return members;
};

/** isUtf8 and the one-byte path are what keeps this below the price of JSON.parse itself. */
const textOf = (bytes: Buffer): string => {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) throw invalid('The body is not valid UTF-8.');
  return bytes.toString('utf8');
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the body, which may hold a password.
    throw invalid('The body is not valid JSON.');
  }
};

const membersOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += membersOf(item);
    return count;
  }
  for (const key in value) {
    count += 1;
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object') count += membersOf(member);
  }
  return count;
};

const refuseFlaws = (value: unknown): void => {
  const flaw = firstFlaw(value);
  if (flaw === undefined) return;
  throw new Problem('invalid_request', `${flaw.path === '' ? 'The body' : flaw.path} ${flaw.message}.`, {
    errors: [flaw],
  });
};

/**
 * A body as a JSON value that is safe to judge: valid UTF-8 without a byte order mark, bounded, without duplicate keys, and
 * I-JSON (RFC 7493). The elements of the top-level array named `judgedLater` are only bounded: a flaw in one of them is its
 * own verdict and not the request's failure.
 * @throws Problem invalid_json | invalid_request
 */
export const parseStrictJson = (bytes: Buffer, judgedLater?: string): unknown => {
  const members = scan(bytes);
  const value = parse(textOf(bytes));
  // JSON.parse keeps the last of equal keys, so each duplicate is a member that went missing.
  if (membersOf(value) !== members) throw invalid('The body has an object with two members of the same name.');
  refuseFlaws(judgedLater !== undefined && isJsonObject(value) ? { ...value, [judgedLater]: null } : value);
  return value;
};
