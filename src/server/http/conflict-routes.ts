import * as z from 'zod/mini';
import { isUuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { conflictParameters } from '../queries/open-conflicts.ts';
import type { RecordReads } from '../queries/record-reads.ts';
import { resolveBody } from '../resources/bodies.ts';
import type { RecordWrites } from '../resources/record-writes.ts';
import { principalOf } from './authenticated.ts';
import { sendSaved } from './record-answer.ts';
import { idParams, record } from './record-schemas.ts';
import { minPositionOf, notFound, readHeaders, writeHeaders, writeOptionsOf } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

const fields = z.record(z.string(), z.unknown());

/** As the state of the record has it, and where it is. */
const conflict = z.looseObject({
  id: z.string(),
  conflictId: z.string(),
  stream: z.strictObject({ type: z.string(), id: z.string() }),
  version: z.int(),
  raisedAt: z.string(),
  register: z.string(),
  base: z.nullable(fields),
  current: fields,
  proposed: fields,
});

const conflictPage = z.strictObject({ items: z.array(conflict), next: z.nullable(z.string()) });

/** What waits for a person to decide, and deciding it. */
export const addConflicts = (app: App, reads: RecordReads, writes: RecordWrites): void => {
  app.get(
    '/api/conflicts',
    {
      schema: {
        tags: ['conflicts'],
        summary: 'List open conflicts, the oldest first',
        querystring: conflictParameters,
        headers: readHeaders,
        response: { 200: conflictPage },
      },
    },
    async (request, reply) => {
      const { items, next } = await reads.conflicts(principalOf(request), request.query, minPositionOf(request));
      return reply
        .type('application/json; charset=utf-8')
        .send(`{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`);
    },
  );
  app.post(
    '/api/conflicts/:id/resolve',
    {
      schema: {
        tags: ['conflicts'],
        summary: 'Settle a conflict: keep the current value, take the proposed one, or give another',
        params: idParams,
        body: resolveBody,
        headers: writeHeaders,
        response: { 200: record },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!isUuid(id)) throw notFound('conflict');
      const choice = request.body as JsonObject;
      return sendSaved(reply, await writes.resolve(principalOf(request), id, choice, writeOptionsOf(request)));
    },
  );
};
