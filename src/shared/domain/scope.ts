import type { Uuid } from '../base/ids.ts';
import type { JsonObject } from '../base/json.ts';
import type { About } from '../contract/events/shared-state.ts';
import type { StreamType } from '../contract/streams.ts';

/** The pair that is interned as a scope. It is structure: who sees it is policy, kept elsewhere. */
export interface ScopePair {
  readonly teamId: Uuid | null;
  readonly ownerId: Uuid | null;
}

const aboutOf = (state: object): About | null => (state as { readonly about?: About | null }).about ?? null;
const idIn = (state: object, key: string): Uuid | null =>
  ((state as JsonObject)[key] as Uuid | null | undefined) ?? null;

/**
 * The scope of a stream: its pair, `shared` for what everyone in the workspace sees, or null for an activity about a
 * record, which is visible just when its root is.
 */
export const scopeOf = (type: StreamType, state: object): ScopePair | 'shared' | null => {
  switch (type) {
    case 'lead':
    case 'contact':
    case 'company':
    case 'deal':
    case 'quota':
    case 'forecast':
      return { teamId: idIn(state, 'teamId'), ownerId: idIn(state, 'ownerId') };
    case 'activity':
      return aboutOf(state) === null ? { teamId: null, ownerId: idIn(state, 'ownerId') } : null;
    case 'import':
      return { teamId: null, ownerId: idIn(state, 'ownerId') };
    case 'pipeline':
    case 'user':
    case 'team':
    case 'workspace':
    case 'rate':
      return 'shared';
  }
};

/** The stream whose scope decides: of an activity the record it is about, of anything else itself. */
export const rootOf = (type: StreamType, streamId: Uuid, state: object): Uuid =>
  type === 'activity' ? (aboutOf(state)?.id ?? streamId) : streamId;
