import type { Uuid } from '../base/ids.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { RuleContext } from './decider.ts';

/** Levels of a hierarchy, which also bounds the walk up. */
const DEPTH_MAX = 50;

/** Refuses a parent that is the stream itself or below it. */
export const noCycle = (
  type: 'company' | 'team',
  parentId: Uuid | null,
  context: RuleContext,
): Rejection | undefined => {
  let ancestor = parentId;
  for (let depth = 0; ancestor !== null; depth += 1) {
    if (ancestor === context.streamId) return invalidField('parentId', `would make the ${type} its own parent`);
    if (depth === DEPTH_MAX) return invalidField('parentId', `is more than ${DEPTH_MAX} levels deep`);
    const parent = context.lookup({ type, id: ancestor }) as { readonly parentId: Uuid | null } | undefined;
    ancestor = parent?.parentId ?? null;
  }
  return undefined;
};
