import type { Json, JsonObject } from './json.ts';

// Most strings need no escape, and a concatenation costs a fraction of JSON.stringify, to which the others are left.
// oxlint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
const quote = (text: string): string => (NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`);

const canonicalObject = (object: JsonObject): string => {
  let members = '';
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value !== undefined) members += `${members === '' ? '' : ','}${quote(key)}:${canonicalJson(value)}`;
  }
  return `{${members}}`;
};

/**
 * RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no white space, ECMAScript numbers.
 * The value must be I-JSON already: no lone surrogate, no infinite number.
 */
export const canonicalJson = (value: Json): string => {
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value !== 'object') return String(value);
  return Array.isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value as JsonObject);
};
