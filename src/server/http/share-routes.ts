import * as z from 'zod/mini';
import { isUuid } from '../../shared/base/ids.ts';
import { uuid } from '../../shared/contract/envelope.ts';
import { shareBody } from '../../shared/contract/events/sharing.ts';
import type { ResourceName } from '../resources/changes.ts';
import type { RecordWrites } from '../resources/record-writes.ts';
import { principalOf } from './authenticated.ts';
import { sendSaved, targetOf } from './record-answer.ts';
import { idParams, record } from './record-schemas.ts';
import { notFound, writeHeaders, writeOptionsOf } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

const SHAREABLE = ['leads', 'contacts', 'companies', 'deals'] as const satisfies readonly ResourceName[];

const newShare = z.strictObject({ shareId: z.optional(uuid), ...shareBody });
const shared = z.looseObject({ ...record.shape, shareId: uuid });
const shareParams = z.strictObject({ ...idParams.shape, shareId: z.string().check(z.maxLength(100)) });

const addSharing = (app: App, name: (typeof SHAREABLE)[number], writes: RecordWrites): void => {
  app.post(
    `/api/${name}/:id/shares`,
    {
      schema: {
        tags: [name],
        summary: 'Share a record with a user or a team',
        params: idParams,
        body: newShare,
        headers: writeHeaders,
        response: { 201: shared },
      },
    },
    async (request, reply) => {
      const target = targetOf(name, request.params);
      const saved = await writes.share(principalOf(request), target, request.body, writeOptionsOf(request));
      const { shareId } = saved;
      reply.code(201).header('location', `/api/${name}/${saved.id}/shares/${shareId}`);
      return { ...sendSaved(reply, saved), shareId };
    },
  );
};

const addEnding = (app: App, name: (typeof SHAREABLE)[number], writes: RecordWrites): void => {
  const schema = { tags: [name], summary: 'End a share', params: shareParams, headers: writeHeaders };
  app.delete(
    `/api/${name}/:id/shares/:shareId`,
    { schema: { ...schema, response: { 200: record } } },
    async (request, reply) => {
      const target = targetOf(name, request.params);
      const { shareId } = request.params;
      if (!isUuid(shareId)) throw notFound('share');
      return sendSaved(reply, await writes.endShare(principalOf(request), target, shareId, writeOptionsOf(request)));
    },
  );
};

/** Opening single records to a user or a team. */
export const addShares = (app: App, writes: RecordWrites): void => {
  for (const name of SHAREABLE) {
    addSharing(app, name, writes);
    addEnding(app, name, writes);
  }
};
