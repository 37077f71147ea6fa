import type { JsonObject } from '../base/json.ts';
import { err, type Result } from '../base/result.ts';
import type { StreamRef } from '../contract/envelope.ts';
import type { AnyEventDefinition } from '../contract/events/definition.ts';
import { definitionOf, type EventType } from '../contract/events/registry.ts';
import { occurrence } from '../contract/occurrence.ts';
import { rejection, wrongState, type Rejection } from '../contract/rejections.ts';
import type { DecideContext, Decided } from './decider.ts';
import { deciderOf, type AnyDecider } from './registry.ts';
import { decideSharing, isSharing } from './sharing.ts';

/** A stream as it stands. */
export interface Current {
  readonly state: JsonObject;
  readonly version: number;
  /** ISO time at which its creation occurred. */
  readonly createdAt?: string;
}

/** An event whose data its schema has parsed. */
export interface Judged {
  readonly type: EventType;
  readonly data: JsonObject;
  readonly stream: StreamRef;
}

/**
 * Whether an event may happen now, and the data to store for it. First what all streams have in common (existence,
 * deletion, references), then the rules of its stream. The same on phone and server.
 */
export const judge = (
  current: Current | undefined,
  event: Judged,
  context: DecideContext,
): Result<Decided, Rejection> => {
  const refusal = inadmissible(current, event, context);
  if (refusal !== undefined) return err(refusal);
  const { initialState, decide } = deciderFor(event);
  const occurredAt = occurrence(context.clock, context.receivedAt, current?.createdAt);
  return decide(current?.state ?? initialState, event, { ...context, occurredAt });
};

// A sharing event meets a state that has shares: `misplaced` saw to it.
const deciderFor = ({ type, stream }: Judged): AnyDecider => {
  const decider = deciderOf(stream.type);
  return isSharing(type) ? { ...decider, decide: decideSharing as unknown as AnyDecider['decide'] } : decider;
};

/** What all streams have in common: the right stream, that exists, is not deleted, and refers to what exists. */
export const inadmissible = (
  current: Current | undefined,
  event: Judged,
  { lookup }: Pick<DecideContext, 'lookup'>,
): Rejection | undefined => {
  const definition = definitionOf(event.type);
  return (
    misplaced(definition, event) ?? untimely(definition, event, current) ?? dangling(definition, event.data, lookup)
  );
};

const misplaced = ({ streams }: AnyEventDefinition, event: Judged): Rejection | undefined => {
  if (streams.includes(event.stream.type)) return undefined;
  const right = streams.join(' or ');
  return rejection('invalid', `${event.type} is an event of a ${right}, not of a ${event.stream.type}`, [
    { path: 'stream.type', message: `must be ${right}` },
  ]);
};

/** A creation comes first and once; a deleted record takes nothing but its restoration. */
const untimely = (
  definition: AnyEventDefinition,
  event: Judged,
  current: Current | undefined,
): Rejection | undefined => {
  const stream = event.stream.type;
  if (definition.creates === true) {
    return current === undefined ? undefined : wrongState('a stream with this id already exists: use a new id');
  }
  if (current === undefined) return rejection('unknown_stream', `there is no such ${stream}`);
  const deleted = typeof current.state['deletedAt'] === 'string';
  const restores = event.type.endsWith('Restored');
  // Access to a deleted record ends like any other.
  if (deleted && !restores && event.type !== 'RecordShareRevoked') {
    return rejection('archived', `this ${stream} is deleted${stream in RESTORABLE ? ': restore it first' : ''}`);
  }
  return !deleted && restores ? wrongState(`this ${stream} is not deleted`) : undefined;
};

const RESTORABLE = { lead: true, contact: true, company: true, deal: true };

/** The first reference to what does not exist; a deleted record may be referred to, as phones that are offline do. */
const dangling = (
  definition: AnyEventDefinition,
  data: JsonObject,
  lookup: DecideContext['lookup'],
): Rejection | undefined => {
  // All are looked up before the first miss is reported, so that a caller that loads on a miss loads once.
  const missing = definition.references(data).filter(({ ref }) => lookup(ref) === undefined);
  const [first] = missing;
  if (first === undefined) return undefined;
  return rejection(
    'unknown_stream',
    `${first.path}: there is no such ${first.ref.type}`,
    missing.map(({ path, ref }) => ({ path: `data.${path}`, message: `there is no such ${ref.type}` })),
  );
};
