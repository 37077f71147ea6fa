import type { Uuid } from '../../shared/base/ids.ts';
import { derivedId } from './derived-id.ts';

/** What every set holds: pipelines, users, teams, the workspace. */
export const SHARED_SCOPE: Uuid = '00000000-0000-8000-8000-000000000001';

/** Pairs kept a process; a workspace has about as many as it has users. */
const KNOWN_MAX = 10_000;
const known = new Map<string, Uuid>();

/**
 * The id of the interned pair (team, owner), made from the pair itself: two servers that meet a pair at the same moment
 * agree on it without asking, and the append needs no round trip to look it up.
 */
export const scopeId = (teamId: Uuid | null, ownerId: Uuid | null): Uuid => {
  const pair = `${teamId ?? ''}|${ownerId ?? ''}`;
  const id = known.get(pair) ?? derivedId(pair);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(pair, id);
  return id;
};
