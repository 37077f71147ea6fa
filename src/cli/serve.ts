import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { withoutPassword } from '../server/database/connection.ts';
import { startEmbedded } from '../server/database/embedded/start.ts';
import { addressOf, banner } from './banner.ts';
import { CommandFailed, type Command, type ExitCode, say } from './command.ts';
import { openReady, type Source, useDatabase } from './open-database.ts';
import { createLog } from './server-log.ts';
import { putTogether } from './server-parts.ts';

/** Requests in flight get so long to finish. */
const DRAIN_MS = 10_000;
/** Stopping must end, whatever hangs: what was acknowledged is on disk, and the next start recovers. */
const STOP_MS = 40_000;

/** Why the server ends. */
interface Stop {
  readonly reason: string;
  readonly code: ExitCode;
}

interface Stopping {
  readonly requested: Promise<Stop>;
  readonly stop: (stop: Stop) => void;
}

// Once asked to stop it stops; asked again it ends at once.
const listenForSignals = (log: Logger): Stopping => {
  const { promise: requested, resolve: stop } = Promise.withResolvers<Stop>();
  const seen = new Set<string>();
  const onSignal = (signal: string) => {
    if (seen.size > 0) process.exit(1);
    seen.add(signal);
    stop({ reason: signal, code: 0 });
  };
  const onBug = (error: unknown) => {
    log.fatal({ err: error }, 'a bug; the server stops');
    stop({ reason: 'a bug', code: 1 });
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  process.on('uncaughtException', onBug).on('unhandledRejection', onBug);
  return { requested, stop };
};

const openSource = async (config: Config, log: Logger, { stop }: Stopping): Promise<Source> => {
  if (config.databaseUrl !== undefined) return useDatabase(config.databaseUrl);
  const onCrash = (message: string, fatal: boolean) => {
    log.error(message);
    if (fatal) stop({ reason: 'PostgreSQL cannot run', code: 1 });
  };
  return startEmbedded(config.dataDir, { onCrash });
};

const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: stop it, or set PORT',
  EACCES: 'this user may not listen there: set PORT to 1024 or more',
  EADDRNOTAVAIL: 'this machine has no such address: set HOST',
};

const listen = async (app: FastifyInstance, { host, port }: Config): Promise<void> => {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const advice = LISTEN_FAILURES[code] ?? String(error);
    throw new CommandFailed(`the server cannot listen on ${host}:${port}: ${advice}`, { cause: error });
  }
};

// Fastify waits for requests in flight without end; connections that are not done in time are cut.
const drain = async (app: FastifyInstance): Promise<void> => {
  const timer = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
};

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

const warnOfPlainText = ({ host, tls, trustProxy }: Config, log: Logger): void => {
  if (isLoopback(host) || tls !== undefined || trustProxy.length > 0) return;
  log.warn(
    'other machines reach this server without encryption: set TLS_CERT and TLS_KEY, or TRUST_PROXY behind a proxy',
  );
};

const start = async (config: Config, log: Logger, stopping: Stopping, started: AsyncDisposableStack): Promise<void> => {
  const source = await openSource(config, log, stopping);
  started.defer(() => source.stop());
  const onConnectionLost = (error: Error) => log.warn({ err: error }, 'a connection to PostgreSQL was lost');
  const database = await openReady(source, { onConnectionLost });
  started.defer(() => database.close());
  const app = await putTogether(database, config, log, started);
  started.defer(() => drain(app));
  await listen(app, config);
  warnOfPlainText(config, log);
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const data =
    config.databaseUrl === undefined
      ? `${resolve(config.dataDir)} (embedded PostgreSQL)`
      : `${withoutPassword(config.databaseUrl)} (DATABASE_URL)`;
  say(banner(addressOf(address, config.tls !== undefined), data));
};

const refusePlainHttp = ({ production, tls, trustProxy }: Config): void => {
  if (!production || tls !== undefined || trustProxy.length > 0) return;
  throw new CommandFailed(
    'NODE_ENV is production, where nothing is served in the clear: set TLS_CERT and TLS_KEY, or TRUST_PROXY to the addresses of the proxy that speaks HTTPS',
  );
};

const serve = async (config: Config): Promise<ExitCode> => {
  const log = createLog(config.logLevel);
  const stopping = listenForSignals(log);
  const started = new AsyncDisposableStack();
  const starting = start(config, log, stopping, started).then(() => 'ready' as const);
  let code: ExitCode = 0;
  try {
    const first = await Promise.race([starting, stopping.requested]);
    const { reason, ...stop } = first === 'ready' ? await stopping.requested : first;
    code = stop.code;
    log.info(`stopping: ${reason}`);
    // A start that is under way ends first, so that what it starts is stopped too.
    await starting.catch(() => {});
  } finally {
    await Promise.race([started.disposeAsync(), sleep(STOP_MS, undefined, { ref: false })]);
  }
  return code;
};

export const serveCommand: Command = {
  usage: `leadzen serve

Runs the server until it gets SIGINT or SIGTERM; it then finishes the requests in
flight (10 s at most) and stops its PostgreSQL last. A second signal ends it at once.

Without DATABASE_URL it runs a PostgreSQL of its own in LEADZEN_DATA_DIR.`,
  run: async (args, config) => {
    parseArgs({ args: [...args], options: {} });
    refusePlainHttp(config);
    return serve(config);
  },
};
