import type { HybridClock } from '../shared/base/hybrid-clock.ts';
import type { Uuid } from '../shared/base/ids.ts';
import { firstFlaw } from '../shared/base/ijson.ts';
import type { Json, JsonObject } from '../shared/base/json.ts';
import { EVENT_BYTES_MAX, GROUP_EVENTS_MAX, type ProposedEvent } from '../shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../shared/contract/events/registry.ts';
import type { FieldError } from '../shared/contract/rejections.ts';
import type { StreamType } from '../shared/contract/streams.ts';
import { mayWrite } from '../shared/domain/access.ts';
import { entryOf, type OpenUser } from './open-user.ts';
import { newId } from './random.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { toUtf8 } from './utf8.ts';
import type { Entry } from './view/outbox.ts';
import { NEEDS_UPDATE } from './view/fold-pending.ts';

/** An event that somebody wants to happen, before it is parsed. */
export interface Wish {
  readonly type: EventType;
  readonly id: Uuid;
  readonly data: object;
  /** Where events of the type belong to several kinds of streams. */
  readonly stream?: StreamType;
  /** When it happened, where that is not now: of a creation that is sent again, with edits of the record behind it. */
  readonly at?: HybridClock;
}

/**
 * Judges wishes at once and offline, and makes them durable: one unit, all or nothing. It shows while it is being
 * written and is gone again where that fails. Resolves once it is durable.
 *
 * @throws Refusal
 */
export const write = async (user: OpenUser, wishes: readonly Wish[], replaces?: Entry): Promise<void> => {
  if (wishes.length === 0) return;
  const events = proposed(user, wishes);
  // What is sent again is judged as if the refused one had never been.
  const refusal = user.view.foresee(events);
  if (refusal !== undefined) throw refusalOf(refusal);
  const unit = {
    seq: user.outbox.nextSeq(),
    events,
    ...(replaces === undefined ? {} : { replaces: replaces.unit.seq }),
  };
  const entry = { ...entryOf(unit), durable: false };
  const ids = events.map(({ stream }) => stream.id);
  user.outbox.add(entry);
  user.changed(ids);
  try {
    const written = await user.store.append(unit);
    if (!written.ok) throw new Refusal('storage_full', written.error.message);
  } catch (error) {
    user.outbox.remove(entry);
    user.changed(ids);
    throw error;
  }
  entry.durable = true;
};

const proposed = (user: OpenUser, wishes: readonly Wish[]): ProposedEvent[] => {
  if (wishes.length > GROUP_EVENTS_MAX) {
    throw new Refusal('invalid', `at most ${GROUP_EVENTS_MAX} events belong together`);
  }
  const datas = wishes.map((wish) => dataOf(user, wish));
  const group = wishes.length > 1 ? { group: newId() } : {};
  return wishes.map(({ type, id, stream: given, at }, index) => {
    const { stream, schemaVersion } = definitionOf(type);
    const event: ProposedEvent = {
      id: newId(),
      type,
      schemaVersion,
      stream: { type: given ?? stream, id },
      basedOn: user.confirmed.get(id)?.version ?? 0,
      at: at ?? user.clock.tick(user.session.deviceId),
      ...group,
      data: datas[index] ?? {},
    };
    const size = toUtf8(JSON.stringify(event)).length;
    if (size > EVENT_BYTES_MAX) {
      throw new Refusal('invalid', `an event holds at most ${EVENT_BYTES_MAX} bytes, this one has ${size}`);
    }
    return event;
  });
};

/** The wish's data by the schema of its type, as the server would take it. */
const dataOf = (user: OpenUser, { type, id, data }: Wish): JsonObject => {
  if (!mayWrite(user.role(), type)) throw new Refusal('forbidden', `the role ${user.role()} may not make ${type}`);
  if (user.view.get(id)?.needsUpdate === true) throw new Refusal('update_app', NEEDS_UPDATE);
  const parsed = definitionOf(type).schema.safeParse(withoutGaps(data));
  if (!parsed.success) throw invalid(parsed.error.issues);
  const flaw = firstFlaw(parsed.data);
  if (flaw !== undefined) throw invalid([{ path: flaw.path.split('.'), message: flaw.message }]);
  return withoutGaps(parsed.data as object);
};

/** JSON has no undefined, and what is kept must be what is sent. */
const withoutGaps = (data: object): JsonObject => JSON.parse(JSON.stringify(data)) as { readonly [key: string]: Json };

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string | undefined;
  readonly keys?: readonly string[] | undefined;
}

const fieldsOf = ({ path, message, keys }: Issue): FieldError[] => {
  const at = (key?: string): string => ['data', ...path.map(String), ...(key === undefined ? [] : [key])].join('.');
  return keys === undefined
    ? [{ path: at(), message }]
    : keys.map((key) => ({ path: at(key), message: 'is not a field of this event' }));
};

const invalid = (issues: readonly Issue[]): Refusal => {
  const fields = issues.flatMap(fieldsOf);
  return new Refusal('invalid', fields.map(({ path, message }) => `${path}: ${message}`).join('; '), fields);
};
