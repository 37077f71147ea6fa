import type { Pool } from 'pg';
import type { Push } from '../sync/push.ts';

export interface ImportParts {
  readonly pool: Pool;
  readonly push: Push;
  readonly contentKey: Buffer;
  /** Hears of what ended an import that was not the file's fault. */
  readonly onError?: (error: unknown) => void;
}
