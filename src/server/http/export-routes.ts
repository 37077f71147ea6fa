import * as z from 'zod/mini';
import { LISTS, type ListName } from '../queries/list-fields.ts';
import { EXPORT_FORMATS } from '../queries/exports/export-format.ts';
import { principalOf, requireSession } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import { minPositionOf, readHeaders } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

const exportQuery = z.strictObject({ deleted: z.optional(z.enum(['true', 'false'])) });

/** One route a type and format. The answer is chunked: one that breaks off is an error to whoever reads it. */
export const exportRoutes =
  ({ auth, exports }: Pick<AppParts, 'auth' | 'exports'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    for (const type of Object.keys(LISTS) as ListName[]) {
      for (const format of EXPORT_FORMATS) {
        const path = `/api/exports/${type}.${format}`;
        const summary = `All ${type} as ${format === 'csv' ? 'CSV' : 'JSON lines'}, with a manifest at the end`;
        const schema = { tags: ['exports'], summary, querystring: exportQuery, headers: readHeaders };
        app.get(path, { schema }, async (request, reply) => {
          const order = { type, format, deleted: request.query.deleted === 'true' };
          const { mediaType, bytes } = await exports.open(principalOf(request), order, minPositionOf(request));
          return reply
            .type(mediaType)
            .header('content-disposition', `attachment; filename="${type}.${format}"`)
            .header('cache-control', 'no-store')
            .send(bytes);
        });
      }
    }
  };
