import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { definitionOf, type EventType } from '../../shared/contract/events/registry.ts';
import type { AdoptReport, AdoptSpec } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import { Refusal } from '../refusal.ts';
import type { Wish } from '../write.ts';
import { adoptedId } from './adopted-id.ts';
import { readOldRecords, type OldRecord, type OldStorage } from './old-records.ts';

interface Parts {
  readonly user: OpenUser;
  readonly storage: OldStorage;
  readonly write: (user: OpenUser, wishes: readonly Wish[]) => Promise<void>;
}

const CREATED: Readonly<Record<AdoptSpec['type'], EventType>> = {
  lead: 'LeadCreated',
  contact: 'ContactCreated',
  company: 'CompanyCreated',
  deal: 'DealCreated',
};

/** Records between two notes of the progress: so many are looked up again after an interruption. */
const NOTE_EVERY = 50;

interface Progress extends AdoptReport {
  /** Records that are dealt with, in their fixed order. */
  readonly next: number;
  readonly done: boolean;
}
const NOTHING: Progress = { next: 0, done: false, adopted: 0, already: 0, skipped: [], ids: {} };

/**
 * Makes an event of each old record, once: what is dealt with is noted, and what was written after the last note is
 * recognized by its id. The old app's keys stay as they are.
 */
export const adopt = async ({ user, storage, write }: Parts, spec: AdoptSpec): Promise<AdoptReport> => {
  const name = `adopt/${spec.key}`;
  const note = async (progress: Progress): Promise<void> => {
    const written = await user.store.values.set('meta', name, progress);
    if (!written.ok) throw new Refusal('storage_full', written.error.message);
  };
  let progress = ((await user.store.values.get('meta', name)) ?? NOTHING) as Progress;
  if (!progress.done) {
    const records = await readOldRecords(storage, spec);
    for (const record of records.slice(progress.next)) {
      progress = advanced(progress, record, await adoptOne({ user, storage, write }, spec, record));
      if (progress.next % NOTE_EVERY === 0) await note(progress);
    }
    progress = { ...progress, done: true };
    await note(progress);
  }
  const { adopted, already, skipped, ids } = progress;
  return { adopted, already, skipped, ids };
};

type Fate = { readonly id: Uuid; readonly isNew: boolean } | { readonly reason: string };

const advanced = (progress: Progress, { id }: OldRecord, fate: Fate): Progress => ({
  ...progress,
  next: progress.next + 1,
  adopted: progress.adopted + ('id' in fate && fate.isNew ? 1 : 0),
  already: progress.already + ('id' in fate && !fate.isNew ? 1 : 0),
  skipped: 'reason' in fate ? [...progress.skipped, { id, reason: fate.reason }] : progress.skipped,
  ids: 'id' in fate ? { ...progress.ids, [id]: fate.id } : progress.ids,
});

const adoptOne = async ({ user, write }: Parts, spec: AdoptSpec, record: OldRecord): Promise<Fate> => {
  const idOf = (oldId: string, key = spec.key): Uuid => adoptedId(user.session.user.id, key, oldId);
  const id = idOf(record.id);
  if (user.view.get(id) !== undefined || user.outbox.itemsOf(id).length > 0) return { id, isNew: false };
  const type = CREATED[spec.type];
  const { id: _, ...fields } = record.fields;
  const mapped = spec.map === undefined ? known(type, fields) : spec.map(record.fields, idOf);
  if (mapped === undefined) return { reason: 'left out by map' };
  try {
    await write(user, [{ type, id, data: mapped }]);
    return { id, isNew: true };
  } catch (error) {
    // A full disk or a missing right concerns them all, a broken record itself.
    if (error instanceof Refusal && (error.code === 'invalid' || error.code === 'unknown_stream'))
      return { reason: error.message };
    throw error;
  }
};

/** The fields that the event knows: an old record carries flags and times of its own. */
const known = (type: EventType, fields: JsonObject): JsonObject => {
  const parsed = definitionOf(type).schema.safeParse(fields);
  const strange = new Set(
    (parsed.error?.issues ?? []).flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [])),
  );
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !strange.has(key)));
};
