import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { Config } from '../config.ts';
import { type Access, createAccess } from '../server/access/access.ts';
import { createAuth } from '../server/auth/auth.ts';
import { createDeviceOwners } from '../server/auth/devices.ts';
import { loadKeys } from '../server/auth/keys.ts';
import { createColumns } from '../server/columns/columns.ts';
import { watchAnalysts } from '../server/database/analysts/watch.ts';
import { asProblem } from '../server/database/failure.ts';
import { databaseProblems } from '../server/database/health.ts';
import type { Database } from '../server/database/pool.ts';
import { buildApp } from '../server/http/app.ts';
import type { HttpConfig } from '../server/http/parts.ts';
import { REQUEST_QUOTAS } from '../server/http/request-limits.ts';
import { createVerdictCounts } from '../server/http/verdict-counts.ts';
import { createImports } from '../server/import/imports.ts';
import { createWake, type Wake } from '../server/log/wake.ts';
import { startProjectorThread } from '../server/projector/start-thread.ts';
import { expiredRows } from '../server/jobs/expired-rows.ts';
import { pipelineSnapshots } from '../server/jobs/pipeline-snapshots.ts';
import { reminders } from '../server/jobs/reminders.ts';
import { type Jobs, startJobs } from '../server/jobs/run-jobs.ts';
import { createAnalytics } from '../server/queries/analytics/analytics.ts';
import { createExports } from '../server/queries/exports/exports.ts';
import { createRecordReads } from '../server/queries/record-reads.ts';
import { createRecordWrites } from '../server/resources/record-writes.ts';
import { rebuildStatus } from '../server/projector/rebuild-control.ts';
import { projectionStatus } from '../server/projector/projection-status.ts';
import { projectionsAdmin } from '../server/projector/projections-admin.ts';
import { allWorkspaces, positionOf, positionOfTable, projectionLag } from '../server/projector/progress.ts';
import { type EndSharesParts, keepEndingShares } from '../server/sync/end-shares.ts';
import { createLive } from '../server/sync/live.ts';
import { createPush } from '../server/sync/push.ts';
import { createSync } from '../server/sync/sync.ts';
import type { Uuid } from '../shared/base/ids.ts';
import { CommandFailed } from './command.ts';

const readPem = (path: string): Promise<Buffer> =>
  readFile(path).catch((error: Error) => {
    throw new CommandFailed(`a file of TLS_CERT or TLS_KEY cannot be read: ${error.message}`);
  });

const httpConfig = async ({ corsOrigins, trustProxy, tls, rateLimit }: Config): Promise<HttpConfig> => ({
  corsOrigins,
  trustProxy,
  requestQuotas: rateLimit ? REQUEST_QUOTAS : undefined,
  tls: tls === undefined ? undefined : { cert: await readPem(tls.cert), key: await readPem(tls.key) },
});

const openWake = ({ app, listener }: Database, channel: string, log: Logger): Wake =>
  createWake({
    pool: app,
    channel,
    connect: listener,
    onError: (error) => log.warn({ err: error }, 'notifications of commits failed; readers poll'),
  });

const openLive = ({ log: pool }: Database, access: Access, wake: Wake, log: Logger) =>
  createLive({ pool, access, wake, onError: (error) => log.warn({ err: error }, 'hints failed; clients poll') });

const endSharesInTime = (parts: EndSharesParts, log: Logger): (() => Promise<void>) =>
  keepEndingShares(parts, (error) => log.warn({ err: error }, 'shares that expired were not ended; trying again'));

const openColumns = ({ analytics: pool, copying }: Database, { columnsMemoryMb: memoryMb }: Config, log: Logger) =>
  createColumns({ pool, copying, memoryMb, log });

const startTimedJobs = (database: Database, reached: (workspaceId: Uuid) => Promise<number>, log: Logger): Jobs =>
  startJobs({ pool: database.app, workspaces: () => allWorkspaces(database.projector), log, now: () => new Date() }, [
    pipelineSnapshots(reached),
    reminders,
    expiredRows(database.owner),
  ]);

/**
 * Puts the server together, the one place that knows all of its parts. What is started here stops when the stack is
 * disposed, the last first.
 */
export const putTogether = async (
  database: Database,
  config: Config,
  log: Logger,
  started: AsyncDisposableStack,
): Promise<FastifyInstance> => {
  const pool = database.app;
  const isEmbedded = config.databaseUrl === undefined;
  const keys = await loadKeys(pool);
  const wake = openWake(database, keys.wakeChannel, log);
  started.defer(() => wake.close());
  const access = createAccess(database.log);
  const push = createPush({
    pool: database.log,
    wake,
    access,
    contentKey: keys.contentKey,
    ownsDevice: createDeviceOwners(pool),
  });
  const verdicts = createVerdictCounts();
  const { sync } = createSync({
    pool: database.log,
    push,
    access,
    cursorKey: keys.cursorKey,
    onResults: verdicts.count,
  });
  const onError = (error: unknown) => log.error({ err: error }, 'an import ended by a fault');
  const imports = createImports({ pool, push, access, contentKey: keys.contentKey, onError });
  started.defer(() => imports.close());
  const projector = await startProjectorThread({ url: database.url, isEmbedded, wake, log });
  started.defer(() => projector.stop());
  const live = openLive(database, access, wake, log);
  started.defer(() => live.close());
  started.defer(endSharesInTime({ access, push, now: Date.now }, log));
  const projected = {
    pool,
    access,
    positionOf: (workspaceId: Uuid) => positionOf(pool.for(workspaceId), workspaceId),
    writtenBy: push.writtenBy,
  };
  const columns = openColumns(database, config, log);
  started.defer(() => columns.close());
  const jobs = startTimedJobs(database, projected.positionOf, log);
  started.defer(() => jobs.stop());
  const watch = watchAnalysts({ watch: database.watch, isOnThisMachine: isEmbedded, log });
  started.defer(() => watch.stop());
  return buildApp({
    config: await httpConfig(config),
    log,
    auth: createAuth({ pool, keys, push }),
    sync,
    reads: createRecordReads(projected),
    writes: createRecordWrites({ pool, push, access, now: Date.now, newId: uuidv7 }),
    analytics: createAnalytics({ ...projected, pool: database.analytics, columns }),
    imports,
    exports: createExports({ ...projected, positionOfTable, newId: uuidv7 }),
    live,
    projections: projectionsAdmin(database.projector),
    asProblem,
    health: { problems: () => databaseProblems(pool.outside) },
    verdicts: verdicts.totals,
    pools: () => ({ app: pool.use(), log: database.log.use(), analytics: database.analytics.use() }),
    columns: columns.counts,
    projectionLag: () => projectionLag(database.projector),
    rebuild: () => rebuildStatus(database.projector),
    projectionLags: () => projectionStatus(database.projector),
    jobs: jobs.counts,
  });
};
