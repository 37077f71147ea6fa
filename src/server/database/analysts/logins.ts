import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Uuid } from '../../../shared/base/ids.ts';
import { withSettings } from '../connection.ts';
import { revokeFromPublic } from './rights-of-public.ts';
import { scramVerifier } from './scram.ts';

/** No login was made or dropped; the message says what to do. */
export class AnalystRefused extends Error {}

export interface AnalystView {
  readonly login: string;
  readonly label: string;
  readonly personalData: boolean;
  readonly createdAt: string;
}

export interface NewAnalyst {
  readonly workspaceId: Uuid;
  readonly label: string;
  readonly personalData: boolean;
}

const CONNECTIONS = 3;

// What well-meaning tools run into first. Whoever wants to may change them in his session: what holds is the watch
// (watch.ts) and that a login has no right to write anything.
const MANNERS = {
  search_path: 'crm',
  default_transaction_read_only: 'on',
  statement_timeout: '30s',
  idle_in_transaction_session_timeout: '30s',
  lock_timeout: '5s',
  work_mem: '16MB',
  max_parallel_workers_per_gather: '0',
} as const;

/** Only a superuser may set it, and then no login can change it. */
const TEMPORARY_FILES = '256MB';

/** Runs as the login of the url itself, which may make roles; its work becomes true as one. */
const asLogin = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({
    connectionString: withSettings(url, { lock_timeout: '15s', statement_timeout: '60s' }),
    application_name: 'leadzen_analyst',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const inTransaction = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
};

const requirePolicies = async (client: pg.Client): Promise<void> => {
  const { rowCount } = await client.query(`select from pg_extension where extname = 'citus'`);
  if (rowCount === 1) {
    throw new AnalystRefused('Citus keeps no row-level security: analysts use the REST interface there');
  }
  const left = await revokeFromPublic(client);
  if (left.length === 0) return;
  const what = 'this login may not take from everybody what no analyst may do. Let a superuser run, in this database:';
  throw new AnalystRefused([what, ...left.map((statement) => `  ${statement};`)].join('\n'));
};

const makeRole = async (client: pg.Client, login: string, password: string): Promise<void> => {
  const verifier = scramVerifier(password);
  await client.query(
    `create role ${login} login inherit connection limit ${CONNECTIONS} password '${verifier}' in role leadzen_analyst`,
  );
  // Whoever watches a session must be a member of its role.
  await client.query(`grant ${login} to leadzen_watch`);
  for (const [name, value] of Object.entries(MANNERS))
    await client.query(`alter role ${login} set ${name} = '${value}'`);
  await client.query('savepoint superuser');
  await client
    .query(`alter role ${login} set temp_file_limit = '${TEMPORARY_FILES}'`)
    .catch(() => client.query('rollback to savepoint superuser'));
};

const ADD = 'insert into analyst (workspace_id, login, label, personal_data) values ($1, $2, $3, $4)';

/** Makes a login for one workspace; the password is told once. @throws AnalystRefused */
export const addAnalyst = (
  url: string,
  { workspaceId, label, personalData }: NewAnalyst,
): Promise<{ readonly login: string; readonly password: string }> =>
  asLogin(url, async (client) => {
    await requirePolicies(client);
    const login = `lz_${randomBytes(8).toString('hex')}`;
    const password = randomBytes(24).toString('base64url');
    await inTransaction(client, async () => {
      await makeRole(client, login, password);
      await client.query('set local role leadzen_owner');
      await client.query(ADD, [workspaceId, login, label, personalData]);
    });
    return { login, password };
  });

const LIST = `
select login, label, personal_data as "personalData", created_at as "createdAt" from analyst
 where workspace_id = $1 and ended_at is null order by created_at, login`;

/** The logins of a workspace. `owner` is the pool of that role. */
export const listAnalysts = async (owner: pg.Pool, workspaceId: Uuid): Promise<AnalystView[]> =>
  (await owner.query<AnalystView>(LIST, [workspaceId])).rows;

const END = `
update analyst set ended_at = now() where workspace_id = $1 and login = $2 and ended_at is null`;

/** Drops a login; its sessions end at once. @throws AnalystRefused where the workspace has no such login */
export const removeAnalyst = (url: string, workspaceId: Uuid, login: string): Promise<void> =>
  asLogin(url, async (client) => {
    await inTransaction(client, async () => {
      await client.query('set local role leadzen_owner');
      const { rowCount } = await client.query(END, [workspaceId, login]);
      if (rowCount !== 1) throw new AnalystRefused(`this workspace has no login ${login}`);
      await client.query('reset role');
      await client.query(`alter role ${client.escapeIdentifier(login)} nologin`);
    });
    // While the role is there: sessions of one that is gone have no name any more.
    await client.query('set role leadzen_watch');
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [login]);
    await client.query('reset role');
    await client.query(`drop role ${client.escapeIdentifier(login)}`);
  });
