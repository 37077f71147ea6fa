import type { OpenUser } from '../open-user.ts';
import { isRefused } from '../view/outbox.ts';
import { acknowledge } from './settle.ts';

/**
 * The log was restored to an older moment, or the cursor is no longer taken. Everything that is still in the outbox is
 * sent again, acknowledged or not: ids make that harmless. What is cached stays on view until a new first sync has
 * ended, and then what that did not bring is dropped. False where the disk is full.
 */
export const beginAnew = async (user: OpenUser): Promise<boolean> => {
  const acknowledged = Array.from(user.outbox.entries()).filter(
    (entry) => entry.outcomes !== undefined && !isRefused(entry),
  );
  // Before the cursor: where the process dies in between, the server says again that the cursor is not taken.
  if (
    !(await acknowledge(
      user,
      acknowledged.map((entry) => ({ entry, outcomes: [] })),
    ))
  )
    return false;
  const { round } = user.meta;
  const meta = {
    ...user.meta,
    cursor: null,
    through: 0,
    mark: undefined,
    wants: [],
    round: round + 1,
    upToDate: false,
  };
  if (!(await user.store.applyPage({ puts: [], removes: [], meta })).ok) return false;
  user.meta = meta;
  return true;
};
