import { createHash } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';

/**
 * What a principal may see, as rules and never as a list of scopes: a pair that is interned later belongs to it at once
 * and is no gain. Every set holds what the workspace shares, besides. Lists are in order and without repetition.
 */
export interface Rules {
  readonly everything: boolean;
  /** Records of these teams. */
  readonly teams: readonly Uuid[];
  /** Records of these owners, whatever their team. */
  readonly owners: readonly Uuid[];
  /** Records of these owners that have no team. */
  readonly members: readonly Uuid[];
  /** Single records. */
  readonly roots: readonly Uuid[];
}

export const NOTHING: Rules = { everything: false, teams: [], owners: [], members: [], roots: [] };
/** The lists say nothing more then, so that all who see everything have the same set. */
export const EVERYTHING: Rules = { ...NOTHING, everything: true };

/** Where a record stands: its root and the pair of its scope; null for what the workspace shares. */
export interface Place {
  readonly rootId: Uuid;
  readonly pair: { readonly teamId: Uuid | null; readonly ownerId: Uuid | null } | null;
}

const holds = (list: readonly Uuid[], id: Uuid | null): boolean => id !== null && list.includes(id);

/** Whether a record is in the set. */
export const includes = (rules: Rules, { rootId, pair }: Place): boolean => {
  if (rules.everything || pair === null) return true;
  const { teamId, ownerId } = pair;
  return (
    holds(rules.teams, teamId) ||
    holds(rules.owners, ownerId) ||
    (teamId === null && holds(rules.members, ownerId)) ||
    rules.roots.includes(rootId)
  );
};

const ordered = (ids: Iterable<Uuid>): readonly Uuid[] => [...new Set(ids)].toSorted();

/** Rules in the one form that equal sets have. */
export const rulesOf = ({ teams, owners, members, roots }: Omit<Rules, 'everything'>): Rules => ({
  everything: false,
  teams: ordered(teams),
  owners: ordered(owners),
  members: ordered(members),
  roots: ordered(roots),
});

const FINGERPRINT_CHARACTERS = 22;

/** Stands for the set in cursors. */
export const fingerprintOf = ({ everything, teams, owners, members, roots }: Rules): string =>
  createHash('sha256')
    .update(JSON.stringify([everything, teams, owners, members, roots]))
    .digest('base64url')
    .slice(0, FINGERPRINT_CHARACTERS);
