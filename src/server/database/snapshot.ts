import type { Connection, Connections } from './workspace-pool.ts';

// A page is read from its index in order and no further. Left alone, a planner without statistics reads and sorts the whole
// workspace for it.
const BEGIN = `begin isolation level repeatable read read only;
  set local enable_sort = off; set local enable_bitmapscan = off; set local enable_seqscan = off`;

/** Runs read-only work by pages of an index that sees one moment of the database, whatever is committed meanwhile. */
export const inSnapshot = async <T>(connections: Connections, work: (client: Connection) => Promise<T>): Promise<T> => {
  const client = await connections.connect();
  let broken: Error | undefined;
  try {
    await client.query(BEGIN);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken);
  }
};
