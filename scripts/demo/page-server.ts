import react from '@vitejs/plugin-react';
import { join } from 'node:path';
import { build, preview, type InlineConfig, type PluginOption } from 'vite';
import { type World, WORLD_PATH } from './world.ts';

const PAGE = join(import.meta.dirname, 'page');

/** Where the page is served. */
export interface PageServer {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

export interface PageOptions {
  readonly world: World;
  /** Of the LeadZen server, which the page reaches as its own origin. */
  readonly api: string;
  /** A folder of its own, for what is built. */
  readonly folder: string;
  /** 0 takes any free port. */
  readonly port: number;
}

const answerWorld = (world: World): PluginOption => ({
  name: 'leadzen-demo-world',
  configurePreviewServer: ({ middlewares }) => {
    middlewares.use(WORLD_PATH, (_request, response) => {
      response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store');
      response.end(JSON.stringify(world));
    });
  },
});

const configOf = ({ world, api, folder, port }: PageOptions): InlineConfig => ({
  configFile: false,
  root: PAGE,
  // A build that fails throws; what else Vite says is about sockets that phones close on purpose.
  logLevel: 'silent',
  plugins: [react(), answerWorld(world)],
  build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 1500 },
  preview: { host: '127.0.0.1', port, proxy: { '/api': { target: api, ws: true } } },
});

type Exit = (...values: unknown[]) => void;
const exits = () => ({
  terminated: process.listeners('SIGTERM') as Exit[],
  inputEnded: process.stdin.listeners('end') as Exit[],
});

// Vite ends the whole process at SIGTERM and at the end of its input, before PostgreSQL is stopped and the folder gone.
const withoutExits = async <T>(start: () => Promise<T>): Promise<T> => {
  const before = exits();
  const started = await start();
  const after = exits();
  for (const exit of after.terminated) if (!before.terminated.includes(exit)) process.off('SIGTERM', exit);
  for (const exit of after.inputEnded) if (!before.inputEnded.includes(exit)) process.stdin.off('end', exit);
  return started;
};

/** Builds the page and serves it, with the server's `/api` beside it. */
export const servePage = async (options: PageOptions): Promise<PageServer> => {
  const config = configOf(options);
  await build(config);
  const server = await withoutExits(() => preview(config));
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error('the page is served nowhere');
  return { address, stop: () => server.close() };
};
