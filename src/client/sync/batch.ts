import type { Uuid } from '../../shared/base/ids.ts';
import { definitionOf, isEventType } from '../../shared/contract/events/registry.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { ConfirmedRecords } from '../view/confirmed.ts';
import { createdBy, isRefused, outcomeOf, type Entry, type Outbox } from '../view/outbox.ts';

/** Half of what a request may hold: a batch that is lost on a bad line is not that much to send again. */
const EVENTS_MAX = 500;
const BYTES_MAX = 512 * 1024;

interface Limits {
  /** While the culprit of a failing batch is looked for, fewer. */
  readonly units: number;
  /** Not again in this run: only time or another event can change their verdict. */
  readonly held: ReadonlySet<Entry>;
}

/** The streams that an event needs: its own, and those that it refers to. */
const needsOf = ({ type, stream, data }: ProposedEvent): Uuid[] =>
  isEventType(type)
    ? [
        stream.id,
        ...definitionOf(type)
          .references(data)
          .map(({ ref }) => ref.id),
      ]
    : [stream.id];

/**
 * The next units to send, in their order, groups never cut. What depends on a creation that was refused, or was sent again
 * and stands behind it, waits for that one, so it never draws a refusal of its own.
 */
export const nextBatch = (outbox: Outbox, confirmed: ConfirmedRecords, { units, held }: Limits): Entry[] => {
  const missing = missingStreams(outbox, confirmed);
  const batch: Entry[] = [];
  let events = 0;
  let bytes = 0;
  for (const entry of outbox.entries()) {
    if (entry.outcomes !== undefined || held.has(entry)) continue;
    const created = createdBy(entry);
    if (dependsOn(entry, missing, created)) continue;
    if (!entry.durable) break;
    const size = entry.unit.events.length;
    if (batch.length > 0 && (batch.length >= units || events + size > EVENTS_MAX || bytes + entry.bytes > BYTES_MAX))
      break;
    batch.push(entry);
    for (const id of created) missing.delete(id);
    events += size;
    bytes += entry.bytes;
  }
  return batch;
};

/** Streams that are still to be created by something in the outbox. */
const missingStreams = (outbox: Outbox, confirmed: ConfirmedRecords): Set<Uuid> => {
  const missing = new Set<Uuid>();
  for (const entry of outbox.entries()) {
    if (entry.outcomes !== undefined && !isRefused(entry)) continue;
    for (const id of createdBy(entry)) if (!exists(outbox, confirmed, id)) missing.add(id);
  }
  return missing;
};

/** By the server's word: confirmed, or acknowledged and on its way back. */
const exists = (outbox: Outbox, confirmed: ConfirmedRecords, id: Uuid): boolean =>
  confirmed.get(id) !== undefined || outbox.itemsOf(id).some((item) => outcomeOf(item)?.kind === 'taken');

const dependsOn = ({ unit }: Entry, missing: ReadonlySet<Uuid>, created: readonly Uuid[]): boolean =>
  missing.size > 0 &&
  unit.events.some((event) => needsOf(event).some((id) => missing.has(id) && !created.includes(id)));
