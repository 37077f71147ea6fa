import type { Statements } from './workspace-pool.ts';

/** The PostgreSQL behind the url may not hold this data; the message says which setting to change. */
export class DatabaseRefused extends Error {}

const OLDEST_VERSION = 150_000;
// `local` and `remote_write` flush to this machine's disk before they answer; only `off` answers first.
const UNSAFE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' } as const;

interface Row {
  readonly version: number;
  readonly version_text: string;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
}

const READ = `
  select current_setting('server_version_num')::integer as version, current_setting('server_version') as version_text,
    current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
    current_setting('synchronous_commit') as synchronous_commit`;

/**
 * Refuses a PostgreSQL that acknowledges what it may lose. Reads the settings as the sessions of these connections have them:
 * a login or a database may bring its own.
 *
 * @throws DatabaseRefused
 */
export const checkDurability = async (statements: Statements): Promise<void> => {
  const { rows } = await statements.query<Row>(READ);
  const [row] = rows;
  if (row === undefined) throw new Error('PostgreSQL answered without a row');
  if (row.version < OLDEST_VERSION) {
    throw new DatabaseRefused(`PostgreSQL ${row.version_text} is too old: LeadZen needs 15 or newer`);
  }
  for (const [setting, unsafe] of Object.entries(UNSAFE)) {
    if (row[setting as keyof typeof UNSAFE] === unsafe) {
      throw new DatabaseRefused(
        `PostgreSQL has ${setting} = ${unsafe}, which loses acknowledged changes in a crash: set it to on ` +
          '(check postgresql.conf, and alter role / alter database … set)',
      );
    }
  }
};
