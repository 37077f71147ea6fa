import * as z from 'zod';
import { asOfParameter } from '../queries/analytics/filter.ts';
import { listParameters, listRequest } from '../queries/list-request.ts';
import { LIMIT_DEFAULT, LIMIT_MAX, wholeNumber } from '../queries/parameters.ts';
import type { RecordReads } from '../queries/record-reads.ts';
import { RESOURCES, type ResourceName } from '../resources/changes.ts';
import { principalOf } from './authenticated.ts';
import { targetOf } from './record-answer.ts';
import { historyPage, idParams, record, recordPage } from './record-schemas.ts';
import { minPositionOf, notFound, readHeaders } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

const getQuery = z.strictObject({ asOf: asOfParameter, deleted: z.enum(['true', 'false']).default('false') });
const historyQuery = z.strictObject({
  limit: wholeNumber(1, LIMIT_MAX, LIMIT_DEFAULT),
  after: z.string().min(1).max(4000).optional(),
});

/** Lists, single records and their histories. */
export const addReads = (app: App, name: ResourceName, reads: RecordReads): void => {
  const tags = [name];
  const { word } = RESOURCES[name];
  app.get(
    `/api/${name}`,
    {
      schema: {
        tags,
        summary: `List ${name}`,
        querystring: listParameters[name],
        headers: readHeaders,
        response: { 200: recordPage },
      },
    },
    async (request, reply) => {
      const asked = listRequest(request.query);
      const { items, next } = await reads.list(principalOf(request), name, asked, minPositionOf(request));
      // Records are JSON text already: they are joined, not parsed and written again.
      return reply
        .type('application/json; charset=utf-8')
        .send(`{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`);
    },
  );
  app.get(
    `/api/${name}/:id`,
    {
      schema: {
        tags,
        summary: `Read a ${word}, as it is or as it was`,
        params: idParams,
        querystring: getQuery,
        headers: readHeaders,
        response: { 200: record },
      },
    },
    async (request, reply) => {
      const options = { asOf: request.query.asOf, deleted: request.query.deleted === 'true' };
      const found = await reads.get(
        principalOf(request),
        targetOf(name, request.params),
        options,
        minPositionOf(request),
      );
      if (found === undefined) throw notFound(word);
      return reply.header('etag', `"${found['version'] as number}"`).send(found);
    },
  );
  app.get(
    `/api/${name}/:id/history`,
    {
      schema: {
        tags,
        summary: `Every change of a ${word}`,
        params: idParams,
        querystring: historyQuery,
        headers: readHeaders,
        response: { 200: historyPage },
      },
    },
    async (request) => {
      const target = targetOf(name, request.params);
      const page = await reads.history(principalOf(request), target, request.query, minPositionOf(request));
      if (page === undefined) throw notFound(word);
      return page;
    },
  );
};
