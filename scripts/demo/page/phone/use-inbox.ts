import type { ConflictView, RefusedEvent } from '../../../../src/client/index.ts';
import { useConflicts, useRefused } from '../../../../src/client/react.ts';
import { usePhone } from './phone-context.ts';

export interface Inbox {
  readonly conflicts: readonly ConflictView[];
  readonly refused: readonly RefusedEvent[];
}

/** What waits for a person on this phone. */
export const useInbox = (): Inbox => {
  const { leadzen } = usePhone();
  return { conflicts: useConflicts(leadzen), refused: useRefused(leadzen) };
};
