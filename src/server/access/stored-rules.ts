import type { Uuid } from '../../shared/base/ids.ts';
import type { Statements, WorkspacePool } from '../database/workspace-pool.ts';
import type { Rules } from './rules.ts';

/** Sets known to be stored, by workspace and fingerprint. */
const STORED_MAX = 50_000;

/** The sets that cursors refer to by their fingerprints. They are never changed and never deleted. */
export interface StoredRules {
  /** Before a cursor that names the set is sent. */
  readonly keep: (workspaceId: Uuid, fingerprint: string, rules: Rules) => Promise<void>;
  /** Those among the fingerprints that are stored. */
  readonly find: (
    client: Statements,
    workspaceId: Uuid,
    fingerprints: readonly string[],
  ) => Promise<ReadonlyMap<string, Rules>>;
}

export const createStoredRules = (pool: WorkspacePool): StoredRules => {
  const stored = new Set<string>();
  return {
    keep: async (workspaceId, fingerprint, rules) => {
      const key = workspaceId + fingerprint;
      if (stored.has(key)) return;
      await pool
        .for(workspaceId)
        .query('insert into access_set (workspace_id, fingerprint, rules) values ($1, $2, $3) on conflict do nothing', [
          workspaceId,
          fingerprint,
          JSON.stringify(rules),
        ]);
      if (stored.size >= STORED_MAX) stored.clear();
      stored.add(key);
    },
    find: async (client, workspaceId, fingerprints) => {
      if (fingerprints.length === 0) return new Map();
      const { rows } = await client.query<{ fingerprint: string; rules: string }>(
        'select fingerprint, rules from access_set where workspace_id = $1 and fingerprint = any($2)',
        [workspaceId, fingerprints],
      );
      return new Map(rows.map(({ fingerprint, rules }) => [fingerprint, JSON.parse(rules) as Rules]));
    },
  };
};
