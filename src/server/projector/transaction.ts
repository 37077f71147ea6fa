import type { Pool, PoolClient } from 'pg';

interface Options {
  /** PostgreSQL settings for this transaction alone: `{ lock_timeout: '2s' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const NONE: Options = {};

/** Commits what `work` did, or rolls it back where `work` throws. A connection that broke is not used again. */
export const inTransaction = async <T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { settings = {} }: Options = NONE,
): Promise<T> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const sets = Object.entries(settings).map(([name, value]) => `; set local ${name} = '${value}'`);
    await client.query(`begin${sets.join('')}`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((lost: unknown) => {
      broken = lost instanceof Error ? lost : new Error(String(lost));
    });
    throw error;
  } finally {
    client.release(broken);
  }
};
