import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { Changed, Page } from '../auth/set-up-records.ts';
import { LIMIT_DEFAULT, LIMIT_MAX, wholeNumber } from '../queries/parameters.ts';
import { notFound } from './request-headers.ts';

/** Pages of users, teams and the like: `after` is the `next` of the page before. */
export const pageQuery = z.strictObject({
  limit: wholeNumber(1, LIMIT_MAX, LIMIT_DEFAULT),
  after: z.string().refine(isUuid, 'must be the `next` of a page').optional(),
});

export const pageOf = ({ limit, after }: z.output<typeof pageQuery>): Page => ({ limit, after });

/** What is no id names nothing. @throws Problem not_found */
export const idOf = (word: string, id: string): Uuid => {
  if (!isUuid(id)) throw notFound(word);
  return id;
};

/** The new state, its version as ETag, and how far the log has come with it. */
export const sendChanged = (reply: FastifyReply, { record, version, position }: Changed): JsonObject => {
  reply.header('etag', `"${version}"`).header('x-log-position', position);
  return record;
};
