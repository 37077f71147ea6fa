import { createBodies, patchBodies, reasonBody, revertBody, type Patchable } from '../resources/bodies.ts';
import { RESOURCES, type ResourceName, type ResourceSpec } from '../resources/changes.ts';
import type { Fields } from '../../shared/domain/changes/event-draft.ts';
import type { Revertible } from '../resources/revert-record.ts';
import type { RecordWrites } from '../resources/record-writes.ts';
import { principalOf } from './authenticated.ts';
import { sendSaved, targetOf } from './record-answer.ts';
import { idParams, record } from './record-schemas.ts';
import { writeHeaders, writeOptionsOf } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

/** Creating records. */
export const addCreation = (app: App, name: ResourceName, writes: RecordWrites): void => {
  const tags = [name];
  const { word } = RESOURCES[name];
  app.post(
    `/api/${name}`,
    {
      schema: {
        tags,
        summary: `Create a ${word}`,
        body: createBodies[name],
        headers: writeHeaders,
        response: { 201: record },
      },
    },
    async (request, reply) => {
      const saved = await writes.create(principalOf(request), name, request.body, writeOptionsOf(request));
      reply.code(201).header('location', `/api/${name}/${saved.id}`);
      return sendSaved(reply, saved);
    },
  );
};

/** Changing records. */
export const addChanges = (app: App, name: Patchable, writes: RecordWrites): void => {
  const tags = [name];
  const { word } = RESOURCES[name];
  app.patch(
    `/api/${name}/:id`,
    {
      schema: {
        tags,
        summary: `Change fields of a ${word}`,
        params: idParams,
        body: patchBodies[name],
        headers: writeHeaders,
        response: { 200: record },
      },
    },
    async (request, reply) => {
      const target = targetOf(name, request.params);
      return sendSaved(
        reply,
        await writes.patch(principalOf(request), target, request.body as Fields, writeOptionsOf(request)),
      );
    },
  );
};

/** Going back to an earlier version. */
export const addReversion = (app: App, name: Revertible, writes: RecordWrites): void => {
  app.post(
    `/api/${name}/:id/revert`,
    {
      schema: {
        tags: [name],
        summary: `Bring a ${RESOURCES[name].word} back to what it was after a version, by new events`,
        params: idParams,
        body: revertBody,
        headers: writeHeaders,
        response: { 200: record },
      },
    },
    async (request, reply) => {
      const { id } = targetOf(name, request.params);
      const { version } = request.body;
      return sendSaved(
        reply,
        await writes.revert(principalOf(request), { name, id }, version, writeOptionsOf(request)),
      );
    },
  );
};

/** Deleting, where records of this type can be, and restoring. */
export const addDeletion = (app: App, name: ResourceName, writes: RecordWrites): void => {
  const { word, deleted, restored }: ResourceSpec = RESOURCES[name];
  const schema = (summary: string) => ({
    tags: [name],
    summary,
    params: idParams,
    body: reasonBody,
    headers: writeHeaders,
    response: { 200: record },
  });
  if (deleted !== undefined) {
    app.delete(
      `/api/${name}/:id`,
      { schema: schema(`Delete a ${word}; its history stays`) },
      async (request, reply) => {
        const target = targetOf(name, request.params);
        const reason = request.body?.reason;
        return sendSaved(reply, await writes.remove(principalOf(request), target, reason, writeOptionsOf(request)));
      },
    );
  }
  if (restored !== undefined) {
    app.post(`/api/${name}/:id/restore`, { schema: schema(`Restore a deleted ${word}`) }, async (request, reply) => {
      const target = targetOf(name, request.params);
      const reason = request.body?.reason;
      return sendSaved(reply, await writes.restore(principalOf(request), target, reason, writeOptionsOf(request)));
    });
  }
};
