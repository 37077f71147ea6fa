import pg from 'pg';
import { columnValues } from './column-values.ts';
import { type SessionSettings, withSettings } from './connection.ts';

/** The three ways into one database; each pool's sessions work in the role of its name. */
export interface Database {
  readonly url: string;
  readonly app: pg.Pool;
  /** The same role for push and pull, in connections of their own: no report makes a phone wait for one. */
  readonly log: pg.Pool;
  readonly projector: pg.Pool;
  /** At most 2 connections, opened when first used. */
  readonly owner: pg.Pool;
  /** Waits for the queries in flight. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly appConnections?: number;
  readonly projectorConnections?: number;
  /** A lost connection that nobody was using, or that its user hears about by itself; worth a line in the log. */
  readonly onConnectionLost?: (error: Error) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

const APP: SessionSettings = {
  role: 'leadzen_app',
  statement_timeout: '30s',
  lock_timeout: '15s',
  idle_in_transaction_session_timeout: '60s',
};
// A rebuild copies whole read models in one statement.
const PROJECTOR: SessionSettings = {
  role: 'leadzen_projector',
  statement_timeout: '30min',
  lock_timeout: '30s',
};
const OWNER: SessionSettings = {
  role: 'leadzen_owner',
  statement_timeout: '30min',
  lock_timeout: '30s',
};

const openPool = (url: string, max: number, settings: SessionSettings, onLost: (error: Error) => void): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: withSettings(url, settings),
    application_name: settings['role'] ?? 'leadzen',
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types: columnValues,
  });
  // Without listeners, a connection that breaks would end the process. Queries in flight reject by themselves; the pool
  // repeats what its idle connections told.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
};

/**
 * Opens no connection by itself. The login of the url must be a member of the three roles, which `migrate` sees to.
 *
 * @param url `postgresql://user:password@host:port/database`, or `…@localhost/database?host=/folder/of/socket`
 */
export const openDatabase = (url: string, options: DatabaseOptions = {}): Database => {
  let closing = false;
  const onLost = (error: Error): void => {
    // Pools say they have ended before their sockets have: what those still hear is no news.
    if (!closing) options.onConnectionLost?.(error);
  };
  const app = openPool(url, options.appConnections ?? 10, APP, onLost);
  const log = openPool(url, options.appConnections ?? 10, APP, onLost);
  const projector = openPool(url, options.projectorConnections ?? 4, PROJECTOR, onLost);
  const owner = openPool(url, 2, OWNER, onLost);
  const close = async () => {
    closing = true;
    await Promise.all([app.end(), log.end(), projector.end(), owner.end()]);
  };
  return { url, app, log, projector, owner, close };
};
