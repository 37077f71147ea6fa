import type { Connection, Connections } from '../database/workspace-pool.ts';

/** What `work` writes becomes true as one, or not at all. */
export const inTransaction = async <T>(
  connections: Connections,
  work: (client: Connection) => Promise<T>,
): Promise<T> => {
  const client = await connections.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // The connection is thrown away, and its transaction with it.
    client.release(true);
    throw error;
  }
};
