import { analyticsParameters } from '../queries/analytics/filter.ts';
import type { Metric } from '../queries/analytics/analytics.ts';
import { metricAnswers } from './analytics-schemas.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { minPositionOf, readHeaders } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

const SUMMARIES: Readonly<Record<Metric, string>> = {
  pipeline: 'Open deals by stage: count, value and weighted value, now or at any moment',
  'win-rate': 'Won over won and lost, by count and by value',
  velocity: 'How much a day the pipeline turns into won business',
  leaderboard: 'Who won how much, per owner or team',
};

/** One route a metric, all with the same filter. */
export const analyticsRoutes =
  ({ auth, analytics }: Pick<AppParts, 'auth' | 'analytics'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    for (const metric of Object.keys(SUMMARIES) as Metric[]) {
      app.get(
        `/api/analytics/${metric}`,
        {
          schema: {
            tags: ['analytics'],
            summary: SUMMARIES[metric],
            querystring: analyticsParameters[metric],
            headers: readHeaders,
            response: { 200: metricAnswers[metric] },
          },
        },
        async (request) => analytics.ask(principalOf(request), metric, request.query, minPositionOf(request)),
      );
    }
  };
