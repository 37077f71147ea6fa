import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { conflictsOf } from '../../shared/contract/conflicts.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { lastChange } from '../../shared/domain/register-clocks.ts';
import type { Principal } from '../access/principal.ts';
import { streamOfConflict } from '../queries/open-conflicts.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import type { WriteOptions } from './record-writes.ts';
import type { Found } from './version-conflict.ts';
import { visibleRecord, type RecordParts } from './visible-record.ts';
import { writeEvents, type Written } from './write-events.ts';

/** What was chosen, as `ConflictResolved` takes it. */
export interface Choice {
  readonly conflictId: Uuid;
  readonly data: JsonObject;
}

/** The record that a conflict is about. Settled or not, it is not found by those who may not see the record. */
export const recordOfConflict = async (
  parts: RecordParts,
  principal: Principal,
  conflictId: Uuid,
): Promise<StoredRecord & { readonly type: NonNullable<Awaited<ReturnType<typeof streamOfConflict>>>['type'] }> => {
  const stream = await streamOfConflict(parts.pool.for(principal.workspaceId), principal.workspaceId, conflictId);
  const record = stream === undefined ? undefined : await visibleRecord(parts, principal, stream.type, stream.id);
  if (stream === undefined || record === undefined) throw new Problem('not_found', 'There is no such conflict.');
  return { ...record, type: stream.type };
};

/** Settles a conflict on what the register holds now; with `If-Match`, only if that was seen. */
export const resolveConflict = async (
  parts: RecordParts,
  principal: Principal,
  { conflictId, data }: Choice,
  { seen, key }: WriteOptions,
): Promise<Written> => {
  const drafts = async () => {
    const { id, type, version, clocks } = await recordOfConflict(parts, principal, conflictId);
    const draft = { type: 'ConflictResolved' as const, data: { ...data, conflictId } };
    return [{ ...draft, id, streamType: type, basedOn: version, clocks }];
  };
  const conflict = (found: Found): Problem | undefined =>
    seen === undefined ? undefined : unseenChange(found, conflictId, seen);
  return writeEvents(parts, principal, drafts, { key, conflict });
};

const unseenChange = ({ state, clocks, version }: Found, conflictId: Uuid, seen: number): Problem | undefined => {
  const register = conflictsOf(state).find((open) => open.conflictId === conflictId)?.register;
  if (register === undefined || lastChange(clocks, register).version <= seen) return undefined;
  return new Problem(
    'version_conflict',
    `The ${register} of the record changed after version ${seen}. Read version ${version}, then decide again.`,
  );
};
