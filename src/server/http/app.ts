import cors from '@fastify/cors';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BODY_BYTES_MAX } from '../../shared/contract/sync.ts';
import { adminRoutes } from './admin-routes.ts';
import { analyticsRoutes } from './analytics-routes.ts';
import { apiKeyRoutes } from './api-key-routes.ts';
import { sessionRoutes, signInRoutes } from './auth-routes.ts';
import { compressAnswers } from './compression.ts';
import { deviceRoutes, wipeRoutes } from './device-routes.ts';
import { drainOnClose, type Draining } from './drain.ts';
import { exportRoutes } from './export-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { acceptStrictJson } from './json-body.ts';
import { jwksRoute } from './jwks-route.ts';
import { importRoutes } from './import-routes.ts';
import { acceptWebSockets, liveRoute } from './live-route.ts';
import { serveMetrics } from './metrics.ts';
import { describeRoutes, docsRoutes } from './openapi.ts';
import type { AppParts, HttpConfig } from './parts.ts';
import { answerClientError, answerErrors, answerFrameworkError } from './problems.ts';
import { refusePlainHttp } from './plain-http.ts';
import { limitRequests } from './request-limits.ts';
import { logRequests } from './request-log.ts';
import { reminderRoutes } from './reminder-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import { sendSafeHeaders } from './safe-headers.ts';
import { syncRoute } from './sync-route.ts';
import { teamRoutes } from './team-routes.ts';
import { answerUnknownRoutes } from './unknown-routes.ts';
import { userRoutes } from './user-routes.ts';
import { workspaceRoutes } from './workspace-routes.ts';
import { useZodSchemas, type App } from './zod-schemas.ts';

const VERSION = '0.1.0';
const HEADERS_BYTES_MAX = 16 * 1024;
const CONNECTIONS_MAX = 10_000;
const REQUESTS_OF_A_CONNECTION_MAX = 10_000;

/** Milliseconds. Bodies have a pace to keep besides (read-body.ts), so a long import passes and a slow loris does not. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 15 * 60_000,
  connectionTimeout: 120_000,
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5_000,
};

const optionsOf = ({ config, log, asProblem }: AppParts) => {
  const { headersTimeout, connectionsCheckingInterval, ...timeouts } = TIMEOUTS;
  const server = {
    maxHeaderSize: HEADERS_BYTES_MAX,
    headersTimeout,
    connectionsCheckingInterval,
    // Any other offer to upgrade (h2c, as some clients make with every request) may be ignored, and is.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => /^websocket$/i.test(headers.upgrade ?? ''),
  };
  return {
    ...timeouts,
    ...(config.tls === undefined ? { http: server } : { https: { ...server, ...config.tls } }),
    ...(config.trustProxy.length === 0 ? {} : { trustProxy: [...config.trustProxy] }),
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_BYTES_MAX,
    maxRequestsPerSocket: REQUESTS_OF_A_CONNECTION_MAX,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerFrameworkError(asProblem),
  };
};

const allowOrigins = async (app: FastifyInstance, { corsOrigins }: HttpConfig): Promise<void> => {
  if (corsOrigins.length === 0) return;
  await app.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'X-Log-Position',
      'X-Request-Id',
      'ETag',
      'Location',
      'Retry-After',
      'RateLimit',
      'RateLimit-Policy',
      'X-Wipe-Order',
    ],
    maxAge: 86_400,
  });
};

/** What holds for every route; it must come before the first of them. */
const prepare = async (app: FastifyInstance, parts: AppParts): Promise<Draining> => {
  answerErrors(app, parts.asProblem);
  answerUnknownRoutes(app);
  sendSafeHeaders(app);
  logRequests(app);
  const draining = drainOnClose(app);
  refusePlainHttp(app, parts.config);
  limitRequests(app, parts.config.requestQuotas);
  acceptStrictJson(app);
  await allowOrigins(app, parts.config);
  await describeRoutes(app, VERSION);
  await acceptWebSockets(app);
  compressAnswers(app);
  return draining;
};

/** Every group of routes: one file each, one line here. */
const addRoutes = async (app: App, parts: AppParts, draining: Draining): Promise<void> => {
  await app.register(healthRoutes(parts, draining));
  await app.register(signInRoutes(parts));
  await app.register(sessionRoutes(parts));
  await app.register(userRoutes(parts));
  await app.register(teamRoutes(parts));
  await app.register(workspaceRoutes(parts));
  await app.register(deviceRoutes(parts));
  await app.register(wipeRoutes(parts));
  await app.register(apiKeyRoutes(parts));
  await app.register(jwksRoute(parts));
  await app.register(syncRoute(parts));
  await app.register(liveRoute(parts));
  await app.register(importRoutes(parts));
  await app.register(exportRoutes(parts));
  await app.register(resourceRoutes(parts));
  await app.register(reminderRoutes(parts));
  await app.register(analyticsRoutes(parts));
  await app.register(adminRoutes(parts));
  await app.register(docsRoutes());
};

/** Builds the app and does not listen. `close()` lets requests in flight finish and refuses new ones. */
export const buildApp = async (parts: AppParts): Promise<FastifyInstance> => {
  const base = fastify(optionsOf(parts)) as unknown as FastifyInstance;
  base.server.maxConnections = CONNECTIONS_MAX;
  const app = useZodSchemas(base);
  const draining = await prepare(base, parts);
  serveMetrics(base, parts);
  await addRoutes(app, parts, draining);
  await base.ready();
  return base;
};
