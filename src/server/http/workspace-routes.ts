import { workspaceChange } from '../../shared/contract/people.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { record } from './record-schemas.ts';
import { sendChanged } from './set-up-answer.ts';
import type { App } from './zod-schemas.ts';

const tags = ['workspace'];

/** The settings of the own workspace. */
export const workspaceRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.get(
      '/api/workspace',
      { schema: { tags, summary: 'Read the settings of the workspace', response: { 200: record } } },
      async (request, reply) => sendChanged(reply, await auth.workspace.get(principalOf(request))),
    );
    app.patch(
      '/api/workspace',
      {
        schema: {
          tags,
          summary: 'Change settings: name, time zone, currency, who sees whose records',
          body: workspaceChange,
          response: { 200: record },
        },
      },
      async (request, reply) => sendChanged(reply, await auth.workspace.change(principalOf(request), request.body)),
    );
  };
