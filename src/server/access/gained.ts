import type { Uuid } from '../../shared/base/ids.ts';
import type { Rules } from './rules.ts';
import { idArray, scopesIn, type Seen } from './visibility.ts';

/** A change of somebody's own rights: from one set of rules to another. */
export interface RightsChange {
  readonly from: Rules;
  readonly to: Rules;
}

const scopes = ({ workspaceId }: Seen, rules: Rules): string => `(${scopesIn({ workspaceId, rules })})`;

const keptRoots = ({ from, to }: RightsChange): readonly Uuid[] => from.roots.filter((root) => to.roots.includes(root));

/** Single records that were in the set and are not any more. */
export const lostRoots = ({ from, to }: RightsChange): readonly Uuid[] =>
  from.roots.filter((root) => !to.roots.includes(root));

/** The scopes that a change takes away. */
export const lostScopes = (seen: Seen, { from, to }: RightsChange): string =>
  `${scopes(seen, from)} except ${scopes(seen, to)}`;

/** The scopes in the set that the change brought; what came later is another change's to bring. */
export const gainedScopes = (seen: Seen, change: RightsChange): string =>
  `${scopes(seen, seen.rules)} intersect ${scopes(seen, change.to)} except ${scopes(seen, change.from)}`;

/**
 * The condition on a root that a change leaves with the client: it was visible by its scope and still is, or by a share of
 * its own that no scope stood beside. A lost scope takes along roots that shares make visible, and a lost share a root that
 * its scope does: they count as gained.
 */
export const keptCondition = (seen: Seen, change: RightsChange, { scope, root }: RootColumns): string => {
  const { from, to } = change;
  const byScope = `(${inScopes(seen, from, scope)} and ${inScopes(seen, to, scope)} and ${root} <> all(${idArray(lostRoots(change))}))`;
  const roots = keptRoots(change);
  if (roots.length === 0) return byScope;
  return `(${byScope} or (${root} = any(${idArray(roots)}) and not ${inScopes(seen, from, scope)}))`;
};

interface RootColumns {
  readonly scope: string;
  readonly root: string;
}

/** By its scope alone. */
export const inScopes = (seen: Seen, rules: Rules, scope: string): string =>
  rules.everything ? 'true' : `${scope} in ${scopes(seen, rules)}`;

const candidateRoots = ({ rules }: Seen, change: RightsChange): readonly Uuid[] => [
  ...rules.roots.filter((root) => change.to.roots.includes(root)),
  ...lostRoots(change),
];

/** Roots to send again though their scope was not gained: of shares, present and lost, except what the client has kept. */
export const gainedRoots = (seen: Seen, change: RightsChange, columns: RootColumns): string =>
  `${columns.root} = any(${idArray(candidateRoots(seen, change))}) and not ${keptCondition(seen, change, columns)}`;
