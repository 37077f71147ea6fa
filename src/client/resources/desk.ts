import type { Uuid } from '../../shared/base/ids.ts';
import type { Json, JsonObject } from '../../shared/base/json.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { changedFields, type EventDraft, type Fields } from '../../shared/domain/changes/event-draft.ts';
import type { Unsubscribe } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import { Refusal } from '../refusal.ts';
import type { Viewed } from '../view/viewed.ts';
import type { Wish } from '../write.ts';
import { listRecords } from './list.ts';
import { createLiveList } from './live-list.ts';
import { findRecord, recordOf } from './record.ts';
import type { ListQuery, Page, Reads, RecordOf } from './types.ts';

/** What resources are made of. */
export interface Desk {
  /** @throws Refusal not_signed_in */
  readonly user: () => Promise<OpenUser>;
  /** @throws Refusal */
  readonly write: (user: OpenUser, wishes: readonly Wish[]) => Promise<void>;
  /** Of records of a type. */
  readonly onChange: (type: string, listener: () => void) => Unsubscribe;
}

export const readsOf = <State>(desk: Desk, type: StreamType): Reads<State> => {
  /** What people look at is what a full disk evicts last. */
  const list = async (query?: ListQuery<State>): Promise<Page<RecordOf<State>>> => {
    const { view, store } = await desk.user();
    const page = listRecords<State>(view, type, query);
    store.touch(page.items.map(({ id }) => id));
    return page;
  };
  return {
    list,
    get: async (id) => {
      const { view, store } = await desk.user();
      const found = findRecord(view, type, id);
      if (found !== undefined) store.touch([id]);
      return found && recordOf<State>(found);
    },
    live: (query) =>
      createLiveList({
        read: async () => (await list(query)).items,
        onChange: (listener) => desk.onChange(type, listener),
      }),
  };
};

/** The record on view, for an edit. @throws Refusal not_found */
export const recordToEdit = (user: OpenUser, type: StreamType, id: Uuid): Viewed => {
  const found = findRecord(user.view, type, id);
  if (found === undefined) throw new Refusal('not_found', `there is no such ${type}`);
  return found;
};

export interface Edits<State> {
  /** One event of a record. */
  readonly act: (id: Uuid, type: EventType, data: object) => Promise<RecordOf<State>>;
  /** The first event of a record. */
  readonly create: (type: EventType, id: Uuid, data: object) => Promise<RecordOf<State>>;
  /** The events that changes of fields stand for, together. */
  readonly patch: (id: Uuid, changes: object, draftsOf: DraftsOf) => Promise<RecordOf<State>>;
}
export type DraftsOf = (fields: Fields, state: JsonObject, given: Fields) => readonly EventDraft[];

export const editsOf = <State>(desk: Desk, type: StreamType): Edits<State> => {
  const after = (user: OpenUser, id: Uuid): RecordOf<State> => recordOf<State>(recordToEdit(user, type, id));
  return {
    act: async (id, event, data) => {
      const user = await desk.user();
      recordToEdit(user, type, id);
      await desk.write(user, [{ type: event, id, data }]);
      return after(user, id);
    },
    create: async (event, id, data) => {
      const user = await desk.user();
      await desk.write(user, [{ type: event, id, data }]);
      return after(user, id);
    },
    patch: async (id, changes, draftsOf) => {
      const user = await desk.user();
      const { state } = recordToEdit(user, type, id);
      const given = changes as Readonly<Record<string, Json | undefined>>;
      const drafts = draftsOf(changedFields(given, state), state, given);
      await desk.write(
        user,
        drafts.map(({ type: event, data }) => ({ type: event, id, data })),
      );
      return after(user, id);
    },
  };
};
