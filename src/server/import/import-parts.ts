import type { Pool } from 'pg';
import type { Access } from '../access/access.ts';
import type { Push } from '../sync/push.ts';

export interface ImportParts {
  readonly pool: Pool;
  readonly push: Push;
  readonly access: Access;
  readonly contentKey: Buffer;
  /** Hears of what ended an import that was not the file's fault. */
  readonly onError?: (error: unknown) => void;
}
