import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import type { RefusedEvent, RefusedInbox } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import { Refusal } from '../refusal.ts';
import { createdBy, isRefused, outcomeOf, type Entry, type Item } from '../view/outbox.ts';
import type { Wish } from '../write.ts';

interface Parts {
  readonly users: () => Promise<OpenUser>;
  readonly write: (user: OpenUser, wishes: readonly Wish[], replaces: Entry) => Promise<void>;
  /** Told after an entry is gone: what waited for it may be sent. */
  readonly onSettled: () => void;
}

/** Events that were refused, with their data, until somebody sends them again or gives them up. */
export const refusedInboxOf = ({ users, write, onSettled }: Parts): RefusedInbox => {
  const remove = async (user: OpenUser, entry: Entry): Promise<void> => {
    user.outbox.remove(entry);
    user.changed(entry.unit.events.map(({ stream }) => stream.id));
    await user.store.remove([entry.unit.seq]);
    onSettled();
  };
  return {
    list: async () => {
      const entries = Array.from((await users()).outbox.entries()).filter(isRefused);
      const items = entries.flatMap((entry) => entry.unit.events.map((event, index) => ({ entry, event, index })));
      return items.flatMap(refusedEvent);
    },
    resend: async (id, data) => {
      const user = await users();
      const entry = refusedEntry(user, id);
      const wishes = entry.unit.events.map((event) => wishOf(entry, event, event.id === id ? data : undefined));
      await write(user, wishes, entry);
      await remove(user, entry);
    },
    discard: async (id) => {
      const user = await users();
      await remove(user, refusedEntry(user, id));
    },
  };
};

/** An edit is made anew, now. What makes a record keeps its time, or it would overwrite the edits that came after it. */
const wishOf = (entry: Entry, { type, stream, data, at }: ProposedEvent, changed: JsonObject | undefined): Wish => ({
  type: type as EventType,
  id: stream.id,
  stream: stream.type,
  data: changed ?? data,
  ...(createdBy(entry).length > 0 ? { at } : {}),
});

const refusedEntry = (user: OpenUser, id: Uuid): Entry => {
  const entry = user.outbox.ofEvent(id)?.entry;
  if (entry === undefined || !isRefused(entry)) throw new Refusal('not_found', 'there is no such refused event');
  return entry;
};

/** The culprits; what was only blocked by one of its own unit is named in `together`. */
const refusedEvent = (item: Item): RefusedEvent[] => {
  const outcome = outcomeOf(item);
  if (outcome?.kind !== 'refused' || outcome.blockedBy !== undefined) return [];
  const { id, type, stream, data } = item.event;
  const { code, message, fields = [] } = outcome;
  const together = item.entry.unit.events.map((event) => event.id);
  return [{ id, type, stream, data: data, code, message, fields, together }];
};
