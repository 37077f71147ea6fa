import type { FastifyInstance } from 'fastify';

/** For answers that no browser should ever show as a page, frame or guess the type of. */
const SAFE = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
const SAFE_OVER_HTTPS = { ...SAFE, 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

/** helmet costs a push some 5 µs for headers that never change, so it guards the documentation's pages only. */
export const sendSafeHeaders = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    // HTTPS of our own, or as a trusted proxy says.
    reply.headers(request.protocol === 'https' ? SAFE_OVER_HTTPS : SAFE);
    done();
  });
};
