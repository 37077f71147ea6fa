import type { Access } from '../access/access.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Push } from '../sync/push.ts';

export interface ImportParts {
  readonly pool: WorkspacePool;
  readonly push: Push;
  readonly access: Access;
  readonly contentKey: Buffer;
  /** Hears of what ended an import that was not the file's fault. */
  readonly onError?: (error: unknown) => void;
}
