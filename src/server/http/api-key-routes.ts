import { apiKeyPage, apiKeyView, madeApiKey, newApiKey } from '../../shared/contract/api-keys.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { idParams } from './record-schemas.ts';
import { idOf, pageOf, pageQuery } from './set-up-answer.ts';
import type { App } from './zod-schemas.ts';

const tags = ['api keys'];

/** Keys by which integrations call, as `Authorization: Bearer lzk_…`, with the role that the key was made for. */
export const apiKeyRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.get(
      '/api/api-keys',
      { schema: { tags, summary: 'List API keys', querystring: pageQuery, response: { 200: apiKeyPage } } },
      (request) => auth.apiKeys.list(principalOf(request), pageOf(request.query)),
    );
    app.post(
      '/api/api-keys',
      {
        schema: { tags, summary: 'Make an API key; it is shown once', body: newApiKey, response: { 201: madeApiKey } },
      },
      async (request, reply) => {
        const { made, position } = await auth.apiKeys.add(principalOf(request), request.body);
        return reply
          .code(201)
          .header('location', `/api/api-keys/${made.id}`)
          .header('x-log-position', position)
          .send(made);
      },
    );
    app.delete(
      '/api/api-keys/:id',
      { schema: { tags, summary: 'Revoke an API key', params: idParams, response: { 200: apiKeyView } } },
      (request) => auth.apiKeys.revoke(principalOf(request), idOf('API key', request.params.id)),
    );
  };
