import type { Connection, Connections } from './workspace-pool.ts';

const BEGIN = 'begin isolation level repeatable read read only';

/** Runs read-only work that sees one moment of the database, whatever is committed meanwhile. */
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
