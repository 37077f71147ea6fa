import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openReady, type Source, useDatabase } from '../../src/cli/open-database.ts';
import { createLog } from '../../src/cli/server-log.ts';
import { putTogether } from '../../src/cli/server-parts.ts';
import { parseConfig, type Config } from '../../src/config.ts';
import { startEmbedded } from '../../src/server/database/embedded/start.ts';
import { servePage } from './page-server.ts';
import { setUpWorld } from './set-up-world.ts';

export interface DemoOptions {
  /** Of the page; 0 takes any free one. */
  readonly port: number;
  /** A PostgreSQL that is there already; default: the embedded one, in a folder that goes when the demo stops. */
  readonly databaseUrl?: string;
}

export interface Demo extends AsyncDisposable {
  /** Of the page. */
  readonly address: string;
}

const configFor = ({ databaseUrl }: DemoOptions): Config => {
  const config = parseConfig({ PORT: '0', LOG_LEVEL: 'warn', DATABASE_URL: databaseUrl });
  if (!config.ok) throw new Error(config.error.join('\n'));
  return config.value;
};

const temporaryFolder = async (started: AsyncDisposableStack): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leadzen-demo-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const startServer = async (config: Config, folder: string, started: AsyncDisposableStack): Promise<string> => {
  const log = createLog(config.logLevel);
  const source: Source =
    config.databaseUrl === undefined
      ? await startEmbedded(join(folder, 'data'), { onCrash: (message) => log.error(message) })
      : await useDatabase(config.databaseUrl);
  started.defer(() => source.stop());
  const database = await openReady(source);
  started.defer(() => database.close());
  const app = await putTogether(database, config, log, started);
  started.defer(() => app.close());
  return app.listen({ host: config.host, port: config.port });
};

/** The whole demo: a server, a workspace in it, and the page. Disposing it leaves nothing behind. */
export const startDemo = async (options: DemoOptions): Promise<Demo> => {
  await using starting = new AsyncDisposableStack();
  const folder = await temporaryFolder(starting);
  const api = await startServer(configFor(options), folder, starting);
  const world = await setUpWorld(api, Date.now());
  const page = await servePage({ world, api, folder: join(folder, 'page'), port: options.port });
  starting.defer(() => page.stop());
  const started = starting.move();
  return { address: page.address, [Symbol.asyncDispose]: () => started.disposeAsync() };
};
