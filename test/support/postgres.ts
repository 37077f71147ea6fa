import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { startEmbedded } from '../../src/server/database/embedded/start.ts';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

const DOCKER_PATIENCE_MS = 2000;
// Test files run side by side, each with the pools of one or two servers.
const MAX_CONNECTIONS = '300';

const given = async (): Promise<TestServer | undefined> => {
  const url = process.env['TEST_DATABASE_URL'];
  return url === undefined || url === '' ? undefined : { url, stop: async () => {} };
};

const dockerAnswers = (): Promise<boolean> =>
  promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeout: DOCKER_PATIENCE_MS,
  }).then(
    () => true,
    () => false,
  );

const container = async (): Promise<TestServer | undefined> => {
  if (!(await dockerAnswers())) return undefined;
  // Its helper container removes what a killed test run leaves, and is one more image to pull.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  try {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
    const image = process.env['LEADZEN_TEST_IMAGE'] ?? 'postgres:18';
    const started = await new PostgreSqlContainer(image)
      .withCommand(['postgres', '-c', `max_connections=${MAX_CONNECTIONS}`])
      .start();
    return { url: started.getConnectionUri(), stop: async () => void (await started.stop()) };
  } catch (error) {
    process.stderr.write(`no PostgreSQL from Docker (${String(error)}); the tests use the embedded one\n`);
    return undefined;
  }
};

const embedded = async (): Promise<TestServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'leadzen-test-'));
  const server = await startEmbedded(folder, { settings: { max_connections: MAX_CONNECTIONS } });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, stop };
};

/** The PostgreSQL of TEST_DATABASE_URL, else one in a container where Docker answers, else the embedded one. */
export const startTestServer = async (): Promise<TestServer> => (await given()) ?? (await container()) ?? embedded();
