import * as z from 'zod/mini';
import { invitation, newUser, userChange } from '../../shared/contract/people.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { idParams, record, recordPage } from './record-schemas.ts';
import { idOf, pageOf, pageQuery, sendChanged } from './set-up-answer.ts';
import type { App } from './zod-schemas.ts';

const tags = ['users'];
const addedUser = z.looseObject({ ...record.shape, invitation: z.optional(invitation) });

/** The people of the workspace. What is changed here is felt everywhere within 10 s. */
export const userRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.get(
      '/api/users',
      { schema: { tags, summary: 'List users', querystring: pageQuery, response: { 200: recordPage } } },
      (request) => auth.users.list(principalOf(request), pageOf(request.query)),
    );
    app.get(
      '/api/users/:id',
      { schema: { tags, summary: 'Read a user', params: idParams, response: { 200: record } } },
      async (request, reply) =>
        sendChanged(reply, await auth.users.get(principalOf(request), idOf('user', request.params.id))),
    );
    app.post(
      '/api/users',
      {
        schema: {
          tags,
          summary: 'Add a user; without a password the answer brings an invitation, once',
          body: newUser,
          response: { 201: addedUser },
        },
      },
      async (request, reply) => {
        const added = await auth.users.add(principalOf(request), request.body);
        reply.code(201).header('location', `/api/users/${added.id}`);
        const user = sendChanged(reply, added);
        return added.invitation === undefined ? user : { ...user, invitation: added.invitation };
      },
    );
    app.post(
      '/api/users/:id/invitation',
      {
        schema: {
          tags,
          summary: 'Make a new link to set a password with; links from before are void',
          params: idParams,
          response: { 201: invitation },
        },
      },
      async (request, reply) => {
        const made = await auth.users.invite(principalOf(request), idOf('user', request.params.id));
        return reply.code(201).send(made);
      },
    );
    app.patch(
      '/api/users/:id',
      {
        schema: {
          tags,
          summary: 'Rename a user, change the role, disable or enable; 409 last_admin where nobody could any more',
          params: idParams,
          body: userChange,
          response: { 200: record },
        },
      },
      async (request, reply) => {
        const id = idOf('user', request.params.id);
        return sendChanged(reply, await auth.users.change(principalOf(request), id, request.body));
      },
    );
  };
