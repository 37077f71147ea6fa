import type { HybridClock } from '../base/hybrid-clock.ts';
import type { Uuid } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import type { StreamRef } from '../contract/envelope.ts';
import type { EventData, EventType, RecordedData } from '../contract/events/registry.ts';
import type { Owing, Worth } from '../contract/events/worth.ts';
import type { Rejection } from '../contract/rejections.ts';

/** What a rule may know besides the state of its own stream. No clock and no I/O: all of it comes in. */
export interface DecideContext {
  readonly streamId: Uuid;
  readonly actor: Uuid;
  /** The effective clock of the event: when it occurred, at most a minute ahead of its reception. */
  readonly clock: HybridClock;
  /** ISO time of reception. */
  readonly receivedAt: string;
  /** The workspace's first pipeline, where new deals go. */
  readonly defaultPipelineId: Uuid | undefined;
  /**
   * The present state of a stream. Rules ask for what the event refers to, for the pipelines of deals and for the parents
   * of a company or team; what they cannot name in advance the caller loads on a miss, and judges again.
   */
  readonly lookup: (ref: StreamRef) => object | undefined;
  /** What money is worth in the base currency at an ISO time. A phone knows no rates and leaves that to the server. */
  readonly worth?: (money: Owing, at: string) => Worth;
}

/** What `judge` adds for the rules of a stream. */
export interface RuleContext extends DecideContext {
  /** ISO time at which the event occurred: its clock's, between the stream's creation and the reception. */
  readonly occurredAt: string;
}

/** A proposed event of a type, its data parsed. */
export type Proposed<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly data: EventData<K> };
}[T];
/** The same with what the rules added; this is what the log stores. */
export type Decided<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly data: RecordedData<K> };
}[T];

/**
 * The rules of one stream type as a value. Existence, deletion and references are judged before (`judge.ts`), merging
 * after (`merge.ts`); `decide` sees a state that exists, except for the creating event.
 */
export interface Decider<State, Type extends EventType> {
  readonly initialState: State;
  readonly decide: (state: State, event: Proposed<Type>, context: RuleContext) => Result<Decided<Type>, Rejection>;
}
