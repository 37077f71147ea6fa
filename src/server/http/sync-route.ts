import { Problem } from '../../shared/contract/problem.ts';
import { PUSH_EVENTS_MAX, syncRequest } from '../../shared/contract/sync.ts';
import { isJsonObject } from '../../shared/base/json.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import type { App } from './zod-schemas.ts';

/** Before the schema, which would call it a bad request: a client that reads 413 sends fewer. */
const refuseTooMany = (body: unknown): void => {
  const events = isJsonObject(body) ? (body['events'] as unknown) : undefined;
  if (!Array.isArray(events) || events.length <= PUSH_EVENTS_MAX) return;
  throw new Problem('too_large', `Send at most ${PUSH_EVENTS_MAX} events in a request.`);
};

/** Push and pull in one round trip. Who asks is settled before the body is read; events are judged one by one by `sync`. */
export const syncRoute =
  ({ auth, sync }: Pick<AppParts, 'auth' | 'sync'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.post(
      '/api/sync',
      {
        config: { judgedLater: 'events' },
        schema: { tags: ['sync'], summary: 'Push events and pull what is new', body: syncRequest },
        preValidation: async (request) => refuseTooMany(request.body),
      },
      async (request, reply) => {
        const answer = await sync(principalOf(request), request.body);
        // The text is sent as it was built: a page of states is never parsed or written a second time.
        return reply.type('application/json; charset=utf-8').send(answer);
      },
    );
  };
