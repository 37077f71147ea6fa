import { conflictsOf } from '../../shared/contract/conflicts.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { ConflictInbox, ConflictView } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import { Refusal } from '../refusal.ts';
import type { Wish } from '../write.ts';

interface Parts {
  readonly users: () => Promise<OpenUser>;
  readonly write: (user: OpenUser, wishes: readonly Wish[]) => Promise<void>;
}

/** Every open question of the records on view; states carry theirs, so everyone who sees a record sees them. */
const openConflicts = ({ view, session, contested }: OpenUser): ConflictView[] =>
  Array.from(contested).flatMap((streamId) => {
    const record = view.get(streamId);
    return conflictsOf(record?.state ?? {}).map(({ conflictId, ...conflict }) => ({
      ...conflict,
      id: conflictId,
      stream: { type: record?.type as StreamType, id: streamId },
      isOwn: conflict.device === session.deviceId,
    }));
  });

export const conflictInboxOf = ({ users, write }: Parts): ConflictInbox => ({
  list: async () => openConflicts(await users()),
  resolve: async (id, choice, value) => {
    const user = await users();
    const conflict = openConflicts(user).find((open) => open.id === id);
    if (conflict === undefined) throw new Refusal('already_resolved', 'this conflict is not open any more');
    const { type, id: streamId } = conflict.stream;
    const data = { conflictId: id, choice, ...(value === undefined ? {} : { value }) };
    await write(user, [{ type: 'ConflictResolved', id: streamId, stream: type, data }]);
  },
});
