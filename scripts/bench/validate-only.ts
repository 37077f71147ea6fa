// A child process: a server whose one route takes the body of a push through the same gate and schemas and answers, with
// nothing behind it. The yardstick of single pushes.
import { randomBytes } from 'node:crypto';
import { fastify } from 'fastify';
import { syncRequest } from '../../src/shared/contract/sync.ts';
import { acceptStrictJson } from '../../src/server/http/json-body.ts';
import { useZodSchemas } from '../../src/server/http/zod-schemas.ts';
import { examine, isWellFormed } from '../../src/server/sync/examine.ts';

const base = fastify({ logger: false });
const app = useZodSchemas(base);
acceptStrictJson(base);
const key = randomBytes(32).toString('hex');
app.post('/api/sync', { config: { judgedLater: 'events' }, schema: { body: syncRequest } }, async (request, reply) => {
  const results = (request.body.events ?? []).map((raw) => {
    const { id, event } = examine(raw, key);
    return { id, status: isWellFormed(event) ? 'accepted' : 'rejected' };
  });
  return reply.type('application/json; charset=utf-8').send(JSON.stringify({ results }));
});
await app.listen({ host: '127.0.0.1', port: 0 });
const address = base.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : 0}\n`);
