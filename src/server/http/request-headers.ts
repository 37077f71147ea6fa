import type { FastifyRequest } from 'fastify';
import * as z from 'zod/mini';
import type { Json } from '../../shared/base/json.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { WriteOptions } from '../resources/record-writes.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;
const VERSION = /^(?:W\/)?"?(\d{1,9})"?$/;
const POSITION = /^\d{1,15}$/;

/** Wait until the answer includes this position; 503 `projection_behind` after 5 s. */
export const readHeaders = z.looseObject({
  'x-min-position': z.optional(z.string().check(z.regex(POSITION, 'must be a position'))),
});

/** `If-Match: "<version>"`: refuse where a critical register changed since. `Idempotency-Key`: a repetition changes nothing. */
export const writeHeaders = z.looseObject({
  'if-match': z.optional(
    z.string().check(z.refine((text) => text === '*' || VERSION.test(text), 'must be a version like "7", or *')),
  ),
  'idempotency-key': z.optional(z.string().check(z.regex(KEY, 'must be 1 to 255 visible ASCII characters'))),
});

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The position that a read must include; 0 without the header. */
export const minPositionOf = (request: FastifyRequest): number => Number(headerOf(request, 'x-min-position') ?? 0);

/** The precondition and the key of a write. The key stands for this method, path, precondition and body only. */
export const writeOptionsOf = (request: FastifyRequest): WriteOptions => {
  const ifMatch = headerOf(request, 'if-match');
  const key = headerOf(request, 'idempotency-key');
  const seen = ifMatch === undefined ? undefined : VERSION.exec(ifMatch)?.[1];
  const content = [request.method, request.url, ifMatch ?? null, (request.body ?? null) as Json];
  return {
    seen: seen === undefined ? undefined : Number(seen),
    key: key === undefined ? undefined : { key, content },
  };
};

/** A record that one may not see answers exactly like one that does not exist. */
export const notFound = (word: string): Problem => new Problem('not_found', `There is no such ${word}.`);
