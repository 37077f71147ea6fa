import { METRICS } from '../queries/metrics/registry.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { minPositionOf, readHeaders } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

/** One route a metric, all with the same filter. */
export const analyticsRoutes =
  ({ auth, analytics }: Pick<AppParts, 'auth' | 'analytics'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    for (const [path, metric] of Object.entries(METRICS)) {
      const { summary, parameters, answer } = metric;
      app.get(
        `/api/analytics/${path}`,
        {
          schema: {
            tags: ['analytics'],
            summary,
            querystring: parameters,
            headers: readHeaders,
            response: { 200: answer },
          },
        },
        async (request) => analytics.ask(principalOf(request), metric, request.query, minPositionOf(request)),
      );
    }
  };
