import pg from 'pg';
import { columnValues } from './column-values.ts';
import { type SessionSettings, withSettings } from './connection.ts';
import { createWorkspacePool, type WorkspacePool } from './workspace-pool.ts';

/** The ways into one database; each pool's sessions work in the role of its name. */
export interface Database {
  readonly url: string;
  readonly app: WorkspacePool;
  /** The same role for push and pull, in connections of their own: no report makes a phone wait for one. */
  readonly log: WorkspacePool;
  /** The same role for questions of analytics, few at a time: each may take memory and processors. */
  readonly analytics: WorkspacePool;
  /** The same role to copy whole read models out, one statement after the other. */
  readonly copying: WorkspacePool;
  readonly projector: pg.Pool;
  /** A connection of its own to listen on, as leadzen_app; not yet connected. */
  readonly listener: () => Listener;
  /** Sees and ends the sessions of analysts. */
  readonly watch: pg.Pool;
  /** At most 2 connections, opened when first used. */
  readonly owner: pg.Pool;
  /** Waits for the queries in flight. */
  close(): Promise<void>;
}

export type Listener = pg.Client;

export interface DatabaseOptions {
  readonly appConnections?: number;
  readonly projectorConnections?: number;
  /** A lost connection that nobody was using, or that its user hears about by itself; worth a line in the log. */
  readonly onConnectionLost?: (error: Error) => void;
}

const ANALYTICS_CONNECTIONS = 4;
const COPYING_CONNECTIONS = 2;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;

const APP: SessionSettings = {
  role: 'leadzen_app',
  statement_timeout: '30s',
  lock_timeout: '15s',
  idle_in_transaction_session_timeout: '60s',
  // Compiling the question of a past moment took 170 to 350 ms over 3,000 deals, asking it 20. Up to PostgreSQL 17 what is
  // switched off in the log's sessions would be compiled at every call, too: it only costs much.
  jit: 'off',
};
// A question reads and sorts whole read models. With more room fewer sorts go to disk, and where handing rows over costs no
// more than it does, PostgreSQL's helpers take part: of 100,000 deals, a waterfall took 1.7 s instead of 3.
const ANALYTICS: SessionSettings = { ...APP, work_mem: '64MB', parallel_tuple_cost: '0.005' };
// Of ten million events, the longest table takes half a minute.
const COPYING: SessionSettings = { ...APP, statement_timeout: '5min', idle_in_transaction_session_timeout: '5min' };
// Pages and streams are read off their indexes in order and no further. Left alone, a planner without statistics reads and
// sorts the whole workspace for each.
const LOG: SessionSettings = {
  ...APP,
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_sort: 'off',
  enable_incremental_sort: 'off',
};
// A rebuild copies whole read models in one statement.
const PROJECTOR: SessionSettings = {
  role: 'leadzen_projector',
  statement_timeout: '30min',
  lock_timeout: '30s',
};
const WATCH: SessionSettings = { role: 'leadzen_watch', statement_timeout: '10s' };
const OWNER: SessionSettings = {
  role: 'leadzen_owner',
  statement_timeout: '30min',
  lock_timeout: '30s',
};

interface Opening {
  readonly url: string;
  readonly onLost: (error: Error) => void;
}

const openPool = ({ url, onLost }: Opening, settings: SessionSettings, more: pg.PoolConfig): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: withSettings(url, settings),
    application_name: settings['role'] ?? 'leadzen',
    ...more,
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
  const opening = { url, onLost };
  const serving = { max: options.appConnections ?? 10, pipeline: true };
  const [app, log] = [openPool(opening, APP, serving), openPool(opening, LOG, serving)];
  const analytics = openPool(opening, ANALYTICS, { ...serving, max: ANALYTICS_CONNECTIONS });
  const copying = openPool(opening, COPYING, { max: COPYING_CONNECTIONS });
  const projector = openPool(opening, PROJECTOR, { max: options.projectorConnections ?? 4 });
  const watch = openPool(opening, WATCH, { max: 1 });
  const owner = openPool(opening, OWNER, { max: 2 });
  const close = async () => {
    closing = true;
    const pools = [app, log, analytics, copying, projector, watch, owner];
    await Promise.all(pools.map((pool) => pool.end()));
  };
  const listener = () =>
    new pg.Client({
      connectionString: withSettings(url, { role: 'leadzen_app' }),
      application_name: 'leadzen_wake',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
  const workspaces = {
    app: createWorkspacePool(app),
    log: createWorkspacePool(log),
    analytics: createWorkspacePool(analytics),
    copying: createWorkspacePool(copying),
  };
  return { url, ...workspaces, projector, watch, owner, listener, close };
};
