import { isCritical } from '../../shared/contract/conflicts.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { definitionOf } from '../../shared/contract/events/registry.ts';
import { lastChange } from '../../shared/domain/register-clocks.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import type { EventDraft } from '../../shared/domain/changes/event-draft.ts';

/** A stream as a decision finds it. */
export type Found = Pick<StoredRecord, 'version' | 'state' | 'clocks'>;

const criticalRegisters = (draft: EventDraft, { state }: Found): string[] =>
  Object.keys(definitionOf(draft.type).writes(draft.data, state)).filter(isCritical);

/** `version_conflict` where a draft writes a critical register that changed after the version that the client has seen. */
export const versionConflict = (found: Found, drafts: readonly EventDraft[], seen: number): Problem | undefined => {
  const stale = drafts
    .flatMap((draft) => criticalRegisters(draft, found))
    .find((register) => lastChange(found.clocks, register).version > seen);
  if (stale === undefined && seen <= found.version) return undefined;
  return new Problem(
    'version_conflict',
    stale === undefined
      ? `The record is at version ${found.version}, which is before ${seen}.`
      : `The ${stale} of the record changed after version ${seen}. Read version ${found.version}, then decide again.`,
  );
};
