import type { Principal } from './principal.ts';

/**
 * What a principal may see, as rules and never as a list of scopes: a pair interned later belongs to it at once.
 * Everyone in a workspace sees everything of it; no one sees anything of another.
 */
export interface Visibility {
  readonly everything: true;
}

export const visibilityOf = (_principal: Principal): Visibility => ({ everything: true });

/** The condition on the column of a root's scope, to be joined by `and` to the one on workspace_id. */
export const scopeCondition = (_visibility: Visibility, _scopeColumn: string): string => 'true';
