import * as z from 'zod/mini';
import { convertBody } from '../resources/bodies.ts';
import type { ConvertBody } from '../resources/convert-lead.ts';
import type { RecordWrites } from '../resources/record-writes.ts';
import { principalOf } from './authenticated.ts';
import { targetOf } from './record-answer.ts';
import { idParams, record } from './record-schemas.ts';
import { writeHeaders, writeOptionsOf } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

const conversion = z.strictObject({
  lead: record,
  contact: z.nullable(record),
  company: z.nullable(record),
  deal: z.nullable(record),
});

/** What becomes of leads. */
export const addConversion = (app: App, writes: RecordWrites): void => {
  app.post(
    '/api/leads/:id/convert',
    {
      schema: {
        tags: ['leads'],
        summary: 'Make contact, company and deal of a lead',
        params: idParams,
        body: z.nullish(convertBody),
        headers: writeHeaders,
        response: { 200: conversion },
      },
    },
    async (request, reply) => {
      const { id } = targetOf('leads', request.params);
      const body = (request.body ?? {}) as ConvertBody;
      const { position, ...records } = await writes.convert(principalOf(request), id, body, writeOptionsOf(request));
      return reply.header('x-log-position', position).send(records);
    },
  );
};
