import type { Statements } from './workspace-pool.ts';

const PATIENCE_MS = 2000;

/** What keeps the database from serving right now, as sentences; answers within 2 s whatever the database does. */
export const databaseProblems = async (statements: Statements): Promise<readonly string[]> => {
  const patience = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => patience.resolve(['The database does not answer.']), PATIENCE_MS);
  const answer = statements.query('select').then(
    () => [],
    () => ['The database does not answer.'],
  );
  try {
    return await Promise.race([answer, patience.promise]);
  } finally {
    clearTimeout(timer);
  }
};
