import type { Uuid } from '../shared/base/ids.ts';
import { conflictsOf } from '../shared/contract/conflicts.ts';
import type { Role } from '../shared/contract/events/user.ts';
import { createDeviceClock, type DeviceClock } from './device-clock.ts';
import { CONTRACT, firstMeta, type Meta } from './meta.ts';
import type { KeptSession } from './session/secrets.ts';
import type { Boot, ClientStore, OutboxUnit } from './storage/client-store.ts';
import { toUtf8 } from './utf8.ts';
import { createConfirmed, type Confirmed, type ConfirmedRecords } from './view/confirmed.ts';
import { createOutbox, type Entry, type Outbox, type Outcome } from './view/outbox.ts';
import { createView, type View } from './view/view.ts';

export type UserStore = ClientStore<Confirmed, Meta, Outcome>;

/** Everything of one user while it is open: what is on disk, the same in memory, and the view on both. */
export interface OpenUser {
  readonly session: KeptSession;
  readonly store: UserStore;
  readonly confirmed: ConfirmedRecords;
  readonly outbox: Outbox;
  readonly view: View;
  readonly clock: DeviceClock;
  meta: Meta;
  /** What was found unreadable at the boot, the cache aside: that is asked for again. */
  readonly damaged: number;
  /** Records with open conflicts. */
  readonly contested: ReadonlySet<Uuid>;
  /** Shows what became of these streams. */
  readonly changed: (ids: Iterable<Uuid>) => void;
  /** The role in force, as far as it is known here. */
  readonly role: () => Role;
}

export const entryOf = (unit: OutboxUnit, outcomes?: readonly Outcome[]): Entry => ({
  unit,
  bytes: toUtf8(JSON.stringify(unit.events)).length,
  durable: true,
  offered: false,
  underWay: false,
  // An empty marker takes an earlier one back.
  outcomes: outcomes?.length === unit.events.length ? outcomes : undefined,
});

interface Parts {
  readonly session: KeptSession;
  readonly store: UserStore;
  readonly now: () => number;
  /** Told which records of which type may look different. */
  readonly onChange: (type: string, ids: readonly Uuid[]) => void;
}

/** Opens what a user left on this device. */
export const openUser = async ({ session, store, now, onChange }: Parts): Promise<OpenUser> => {
  const boot = await store.boot();
  const confirmed = createConfirmed(boot.records);
  const entries = entriesOf(boot);
  const outbox = createOutbox(entries, boot.nextSeq);
  await removeReplaced(store, outbox);
  const waiting = entries.flatMap(({ unit, outcomes }) => (outcomes === undefined ? unit.events : []));
  const clock = createDeviceClock(
    now,
    boot.meta?.clock,
    waiting.map(({ at }) => at),
  );
  const view = createView({ confirmed, outbox, userId: session.user.id });
  const contested = new Set<Uuid>();
  const contest = (id: Uuid): void => {
    if (conflictsOf(view.get(id)?.state ?? {}).length > 0) contested.add(id);
    else contested.delete(id);
  };
  for (const { id } of confirmed.all()) contest(id);
  return {
    session,
    store,
    confirmed,
    outbox,
    view,
    clock,
    meta: metaOf(boot, confirmed, clock),
    damaged: boot.damage.filter(({ area }) => area !== 'cache').length,
    contested,
    changed: (ids) => {
      const stale = view.invalidate(ids);
      for (const id of stale) contest(id);
      tell(confirmed, outbox, onChange, stale);
    },
    role: () => (view.get(session.user.id)?.state['role'] ?? session.user.role) as Role,
  };
};

const entriesOf = ({ units, acknowledgements }: Boot<Confirmed, Meta, Outcome>): Entry[] => {
  const outcomes = new Map(acknowledgements.map((marker) => [marker.seq, marker.outcomes]));
  return units.map((unit) => entryOf(unit, outcomes.get(unit.seq)));
};

/** A resent unit is written before the refused one goes: after a crash in between both are there. */
const removeReplaced = async (store: UserStore, outbox: Outbox): Promise<void> => {
  const replaced = Array.from(outbox.entries()).flatMap(({ unit }) => outbox.entry(unit.replaces ?? -1) ?? []);
  for (const entry of replaced) outbox.remove(entry);
  if (replaced.length > 0) await store.remove(replaced.map(({ unit }) => unit.seq));
};

/** A newer app asks again for what an older one could not read. */
const metaOf = (boot: Boot<Confirmed, Meta, Outcome>, confirmed: ConfirmedRecords, clock: DeviceClock): Meta => {
  const records = Array.from(confirmed.all());
  // Damaged, or new: what is on view stays there until the first sync has ended.
  if (boot.meta === null)
    return firstMeta(clock.memory(), 1 + records.reduce((max, { round }) => Math.max(max, round), 0));
  if (boot.meta.contract === CONTRACT) return boot.meta;
  const opaque = records.filter((record) => record.opaque === true).map(({ type, id }) => ({ type, id }));
  return { ...boot.meta, wants: [...boot.meta.wants, ...opaque], contract: CONTRACT };
};

const tell = (
  confirmed: ConfirmedRecords,
  outbox: Outbox,
  onChange: Parts['onChange'],
  ids: ReadonlySet<Uuid>,
): void => {
  const byType = new Map<string, Uuid[]>();
  for (const id of ids) {
    const type = confirmed.get(id)?.type ?? outbox.itemsOf(id)[0]?.event.stream.type;
    // A record that left has no type any more, and may have had any.
    const topic = type ?? '*';
    const known = byType.get(topic);
    if (known === undefined) byType.set(topic, [id]);
    else known.push(id);
  }
  for (const [type, changed] of byType) onChange(type, changed);
};
