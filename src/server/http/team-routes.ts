import { newTeam, teamChange, teamMember } from '../../shared/contract/people.ts';
import * as z from 'zod/mini';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { idParams, record, recordPage } from './record-schemas.ts';
import { idOf, pageOf, pageQuery, sendChanged } from './set-up-answer.ts';
import type { App } from './zod-schemas.ts';

const tags = ['teams'];
const pathId = z.string().check(z.maxLength(100));
const memberParams = z.strictObject({ id: pathId, userId: pathId });
const one = (summary: string) => ({ tags, summary, params: idParams, response: { 200: record } });

const addReads = (app: App, { teams }: AppParts['auth']): void => {
  app.get(
    '/api/teams',
    { schema: { tags, summary: 'List teams', querystring: pageQuery, response: { 200: recordPage } } },
    (request) => teams.list(principalOf(request), pageOf(request.query)),
  );
  app.get('/api/teams/:id', { schema: one('Read a team') }, async (request, reply) =>
    sendChanged(reply, await teams.get(principalOf(request), idOf('team', request.params.id))),
  );
};

const addWrites = (app: App, { teams }: AppParts['auth']): void => {
  app.post(
    '/api/teams',
    { schema: { tags, summary: 'Create a team, below `parentId` if given', body: newTeam, response: { 201: record } } },
    async (request, reply) => {
      const added = await teams.add(principalOf(request), request.body);
      reply.code(201).header('location', `/api/teams/${added.id}`);
      return sendChanged(reply, added);
    },
  );
  app.patch(
    '/api/teams/:id',
    { schema: { ...one('Rename or move a team'), body: teamChange } },
    async (request, reply) => {
      const id = idOf('team', request.params.id);
      return sendChanged(reply, await teams.change(principalOf(request), id, request.body));
    },
  );
  app.delete('/api/teams/:id', { schema: one('Delete a team; its history stays') }, async (request, reply) =>
    sendChanged(reply, await teams.remove(principalOf(request), idOf('team', request.params.id))),
  );
};

const addMembers = (app: App, { teams }: AppParts['auth']): void => {
  app.post(
    '/api/teams/:id/members',
    { schema: { ...one('Add a user to a team'), body: teamMember } },
    async (request, reply) => {
      const id = idOf('team', request.params.id);
      return sendChanged(reply, await teams.addMember(principalOf(request), id, request.body.userId));
    },
  );
  app.delete(
    '/api/teams/:id/members/:userId',
    { schema: { tags, summary: 'Take a user out of a team', params: memberParams, response: { 200: record } } },
    async (request, reply) => {
      const [id, userId] = [idOf('team', request.params.id), idOf('user', request.params.userId)];
      return sendChanged(reply, await teams.removeMember(principalOf(request), id, userId));
    },
  );
};

/** The tree of teams and who belongs to them. */
export const teamRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    addReads(app, auth);
    addWrites(app, auth);
    addMembers(app, auth);
  };
