import * as z from 'zod/mini';
import { reminderQuery } from '../queries/list-reminders.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import type { App } from './zod-schemas.ts';

const reminder = z.strictObject({
  kind: z.enum(['rotten_deal', 'overdue_activity']),
  recordId: z.string(),
  ownerId: z.nullable(z.string()),
  since: z.string(),
  notedAt: z.string(),
  endedAt: z.nullable(z.string()),
});

/** What time brought up: deals that rot and activities that are overdue. */
export const reminderRoutes =
  ({ auth, reads }: Pick<AppParts, 'auth' | 'reads'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.get(
      '/api/reminders',
      {
        schema: {
          tags: ['activities'],
          summary:
            'Deals that rot and activities that are overdue: your own first, of each the newest; open ones by default',
          querystring: reminderQuery,
          response: { 200: z.strictObject({ items: z.array(reminder), next: z.nullable(z.string()) }) },
        },
      },
      (request) => reads.reminders(principalOf(request), request.query),
    );
  };
