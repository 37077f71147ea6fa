import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import { each, eventsOf, recorded } from './definition.ts';
import * as field from './fields.ts';

export const IMPORT_TYPES = ['leads', 'deals', 'contacts', 'companies', 'activities'] as const;

export interface ImportState {
  readonly type: (typeof IMPORT_TYPES)[number] | null;
  readonly fileName: string | null;
  /** Of the file's bytes, in hex: the same file again is known by it. */
  readonly sha256: string | null;
  readonly rows: number | null;
  readonly status: 'running' | 'completed' | 'reverted';
  /** Rows by verdict. */
  readonly counts: Readonly<Record<string, number>>;
  /** Who ran it; its visibility follows him. */
  readonly ownerId: Uuid | null;
}

export const initialImport: ImportState = {
  type: null,
  fileName: null,
  sha256: null,
  rows: null,
  status: 'running',
  counts: {},
  ownerId: null,
};

const define = eventsOf<ImportState>('import');
const count = z.int().check(z.minimum(0));

export const importEvents = {
  ImportStarted: define({
    creates: true,
    schema: z.strictObject({
      type: z.enum(IMPORT_TYPES),
      fileName: field.text(500),
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')),
      rows: field.absentable(count),
    }),
    recorded: recorded<{ readonly ownerId: Uuid }>(),
    writes: (data) => each(data, ['type', 'fileName', 'sha256', 'rows', 'ownerId']),
  }),
  ImportCompleted: define({
    schema: z.strictObject({
      counts: z.record(z.string().check(z.regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'must be a short word')), count),
    }),
    writes: (data) => ({ status: { status: 'completed', counts: data.counts } }),
  }),
  ImportReverted: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: () => ({ status: { status: 'reverted' } }),
  }),
};
