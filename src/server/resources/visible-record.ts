import type { Uuid } from '../../shared/base/ids.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { EVERYTHING } from '../access/rules.ts';
import { findRecord, type StoredRecord } from '../queries/stored-record.ts';
import type { WriteParts } from './write-events.ts';

export interface RecordParts extends WriteParts {
  readonly access: Access;
}

/** A record as the principal sees it now. */
export const visibleRecord = (
  { pool, access }: RecordParts,
  principal: Principal,
  type: StreamType,
  id: Uuid,
): Promise<StoredRecord | undefined> =>
  access.read(principal, (viewer) => findRecord(pool.for(viewer.workspaceId), viewer, type, id));

/** A record that the principal has just written: where that took it out of sight, its id and version are all that is told. */
export const writtenRecord = async (
  parts: RecordParts,
  principal: Principal,
  type: StreamType,
  id: Uuid,
): Promise<StoredRecord | undefined> => {
  const visible = await visibleRecord(parts, principal, type, id);
  if (visible !== undefined) return visible;
  const sight = { workspaceId: principal.workspaceId, rights: { sees: EVERYTHING } };
  const hidden = await findRecord(parts.pool.for(principal.workspaceId), sight, type, id);
  if (hidden === undefined) return undefined;
  const { version, createdAt = null, updatedAt = null } = hidden.record;
  return { ...hidden, state: {}, record: { id, version: version ?? hidden.version, createdAt, updatedAt } };
};
