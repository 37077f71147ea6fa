import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Folder } from './folder.ts';

/** Where the embedded PostgreSQL listens. */
export interface Endpoint {
  readonly settings: Readonly<Record<string, string>>;
  url(login: string, password: string, database: string): string;
}

const PORT = 5432;
// The shortest limit of the systems we run on (macOS 104 with its final zero, Linux 108).
const SOCKET_PATH_MAX_BYTES = 103;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : PORT));
    });
  });

const onSocket = (folder: string): Endpoint => ({
  settings: {
    listen_addresses: '',
    unix_socket_directories: folder,
    unix_socket_permissions: '0700',
    port: String(PORT),
  },
  url: (login, password, database) =>
    `postgresql://${login}:${password}@localhost:${PORT}/${database}?host=${encodeURIComponent(folder)}`,
});

const onLoopback = (port: number): Endpoint => ({
  settings: { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port) },
  url: (login, password, database) => `postgresql://${login}:${password}@127.0.0.1:${port}/${database}`,
});

/**
 * A socket in the data folder, which nobody else may enter; where its path is too long for the system, a free port of
 * the loopback interface. Both ask for the password.
 */
export const chooseEndpoint = async (folder: Folder): Promise<Endpoint> => {
  const longest = Buffer.byteLength(join(folder.sockets, `.s.PGSQL.${PORT}.lock`));
  // PostgreSQL separates several folders by commas and takes quotes as quotes.
  const isPlain = !/[,"']/.test(folder.sockets);
  if (process.platform !== 'win32' && isPlain && longest <= SOCKET_PATH_MAX_BYTES) return onSocket(folder.sockets);
  return onLoopback(await freePort());
};
