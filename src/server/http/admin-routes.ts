import * as z from 'zod/mini';
import { Problem } from '../../shared/contract/problem.ts';
import { uuid } from '../../shared/contract/envelope.ts';
import type { Principal } from '../access/principal.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import type { App } from './zod-schemas.ts';

const tags = ['operation'];

const parkedStream = z.strictObject({
  workspaceId: z.string(),
  projection: z.string(),
  version: z.int(),
  streamType: z.nullable(z.string()),
  streamId: z.string(),
  position: z.int(),
  error: z.string(),
  attempts: z.int(),
  since: z.string(),
  retriedAt: z.nullable(z.string()),
});

const rebuild = z.strictObject({
  projections: z.array(z.string()),
  phase: z.string(),
  wanted: z.enum(['running', 'paused', 'canceled']),
  running: z.boolean(),
  eventsDone: z.int(),
  events: z.int(),
  rangesDone: z.int(),
  ranges: z.int(),
  startedAt: z.string(),
  secondsLeft: z.nullable(z.number()),
});

const status = z.strictObject({
  head: z.int(),
  /** The node that projects this workspace now. */
  holder: z.nullable(z.string()),
  projections: z.array(
    z.strictObject({
      name: z.string(),
      version: z.int(),
      position: z.int(),
      lagEvents: z.int(),
      lagSeconds: z.number(),
      parkedStreams: z.int(),
    }),
  ),
  /** Of the streams that a projection cannot fold, the first hundred. */
  parked: z.array(parkedStream),
  rebuild: z.nullable(rebuild),
});

const retryBody = z.strictObject({
  projection: z.optional(z.string().check(z.maxLength(100))),
  streamId: z.optional(uuid),
});

/** By what the session says: it is not read back from the log, as nothing of it is a record. */
const requireAdmin = ({ role }: Principal): void => {
  if (role !== 'admin') throw new Problem('forbidden', 'How the read models stand is for admins.');
};

/** What the engineer who runs it asks of the read models, for the own workspace. */
export const adminRoutes =
  ({ auth, projections }: Pick<AppParts, 'auth' | 'projections'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.get(
      '/api/admin/projections',
      {
        schema: { tags, summary: 'How far each read model is, and what it could not fold', response: { 200: status } },
      },
      (request) => {
        requireAdmin(principalOf(request));
        return projections.status(principalOf(request).workspaceId);
      },
    );
    app.post(
      '/api/admin/projections/retry',
      {
        schema: {
          tags,
          summary: 'Fold parked streams anew: all, or those of a projection, or one',
          body: retryBody,
          response: { 200: z.strictObject({ freed: z.int(), parked: z.int() }) },
        },
      },
      (request) => {
        requireAdmin(principalOf(request));
        return projections.retry(principalOf(request).workspaceId, request.body);
      },
    );
  };
