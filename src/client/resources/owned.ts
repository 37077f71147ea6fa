import type { Uuid } from '../../shared/base/ids.ts';
import type { EventData, EventType } from '../../shared/contract/events/registry.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { newId } from '../random.ts';
import { editsOf, readsOf, type Desk, type DraftsOf } from './desk.ts';
import type { Reads, RecordOf } from './types.ts';

/** The events that every kind of record with an owner has. */
interface Spec {
  readonly type: StreamType;
  readonly created: EventType;
  readonly assigned: EventType;
  readonly deleted: EventType;
  readonly restored: EventType;
  readonly changes: DraftsOf;
}

export interface OwnedResource<State> extends Reads<State> {
  create(data: { readonly id?: Uuid }): Promise<RecordOf<State>>;
  update(id: Uuid, changes: object): Promise<RecordOf<State>>;
  assign(id: Uuid, owner: EventData<'LeadAssigned'>): Promise<RecordOf<State>>;
  delete(id: Uuid, reason?: string): Promise<void>;
  restore(id: Uuid, reason?: string): Promise<RecordOf<State>>;
}

export const ownedResource = <State>(desk: Desk, spec: Spec): OwnedResource<State> => {
  const edits = editsOf<State>(desk, spec.type);
  return {
    ...readsOf<State>(desk, spec.type),
    create: async ({ id = newId(), ...data }) => edits.create(spec.created, id, data),
    update: async (id, changes) => edits.patch(id, changes, spec.changes),
    assign: async (id, { ownerId, teamId }) => edits.act(id, spec.assigned, { ownerId, teamId }),
    delete: async (id, reason) => {
      await edits.act(id, spec.deleted, { reason });
    },
    restore: async (id, reason) => edits.act(id, spec.restored, { reason }),
  };
};
