import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { Problem } from '../../shared/contract/problem.ts';
import { BODY_BYTES_MAX } from '../../shared/contract/sync.ts';
import { inflateBody, readBody } from './read-body.ts';
import { parseStrictJson } from './strict-json.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Name of the body's array whose elements are judged one by one later: `events` of a sync. */
    judgedLater?: string;
  }
}

const UTF8_JSON = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

const refuseOtherTypes = (request: FastifyRequest): void => {
  if (UTF8_JSON.test(request.headers['content-type'] ?? '')) return;
  throw new Problem('unsupported_media_type', 'Send application/json in UTF-8.');
};

/** Whether the body is gzip. @throws Problem unsupported_media_type for any other coding. */
const isGzip = (request: FastifyRequest): boolean => {
  const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding !== 'identity' && coding !== 'gzip') {
    throw new Problem('unsupported_media_type', 'Send the body as it is or with Content-Encoding: gzip.');
  }
  return coding === 'gzip';
};

const mayBeAbsent = (body: unknown): boolean =>
  body === undefined || z.safeParse(body as z.core.$ZodType, undefined).success;

const readJson = async (request: FastifyRequest, payload: Readable): Promise<unknown> => {
  refuseOtherTypes(request);
  const gzip = isGzip(request);
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) {
    throw new Problem('too_large', `The body is larger than ${BODY_BYTES_MAX} bytes.`);
  }
  const sent = await readBody(payload, BODY_BYTES_MAX);
  // Clients that set the type on every request send it with nothing, too: fine where nothing need be said.
  if (sent.length === 0 && mayBeAbsent(request.routeOptions.schema?.body)) return undefined;
  const body = gzip ? await inflateBody(sent, BODY_BYTES_MAX) : sent;
  return parseStrictJson(body, request.routeOptions.config.judgedLater);
};

/** JSON is the only body there is, unless a plugin adds a parser of its own; everything else is 415. */
export const acceptStrictJson = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', readJson);
};
