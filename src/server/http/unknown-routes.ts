import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../shared/contract/problem.ts';

interface KnownRoute {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);

/** `/api/leads/:id` as a pattern over paths; only what was not found is ever matched against it. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${escaped(url)
      .replaceAll(/:[A-Za-z]+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  );

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** 405 with `Allow` where the path exists for other methods, else 404. Call it before any route is added. */
export const answerUnknownRoutes = (app: FastifyInstance): void => {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url !== '*' && url !== '/*') routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request.url);
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    if (allowed.length === 0) throw new Problem('not_found', 'There is nothing here.');
    reply.header('allow', [...new Set(allowed)].toSorted().join(', '));
    throw new Problem('method_not_allowed', `This path does not answer ${request.method}.`);
  });
};
