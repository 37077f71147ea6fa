import type { Connections, WorkspacePool } from '../../src/server/database/workspace-pool.ts';

interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

type Around = (run: () => Promise<unknown>, statement: Statement) => Promise<unknown>;

const watched = (connections: Connections, around: Around): Connections => ({
  connect: () => connections.connect(),
  query: ((given: string | Statement, values?: unknown[]) => {
    const statement = typeof given === 'string' ? { text: given, values: values ?? [] } : given;
    return around(() => connections.query(given as never, values), statement);
  }) as Connections['query'],
});

/** A pool whose single statements pass through `around`: to count them, lose their answers or refuse them. */
export const watchedPool = (pool: WorkspacePool, around: Around): WorkspacePool => ({
  for: (workspaceId) => watched(pool.for(workspaceId), around),
  outside: watched(pool.outside, around),
  use: pool.use,
});
