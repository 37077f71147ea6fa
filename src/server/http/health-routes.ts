import * as z from 'zod/mini';
import { Problem } from '../../shared/contract/problem.ts';
import type { Draining } from './drain.ts';
import type { AppParts } from './parts.ts';
import type { App } from './zod-schemas.ts';

const tags = ['operation'];
const status = z.strictObject({ status: z.literal('ok') });

const schema = (summary: string) => ({ tags, summary, response: { 200: status } });

/** `/health/live`: the process turns. `/health/ready`: it can serve, so send it requests. */
export const healthRoutes =
  ({ health }: Pick<AppParts, 'health'>, draining: Draining) =>
  async (app: App): Promise<void> => {
    app.get('/health/live', { schema: schema('The process runs') }, async () => ({ status: 'ok' }));
    app.get('/health/ready', { schema: schema('The server can serve') }, async () => {
      if (draining.begun) throw new Problem('shutting_down', 'The server is shutting down.');
      const problems = await health.problems();
      if (problems.length > 0) throw new Problem('unavailable', problems.join(' '));
      return { status: 'ok' };
    });
  };
