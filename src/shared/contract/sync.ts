import * as z from 'zod/mini';
import type { HybridClock } from '../base/hybrid-clock.ts';
import type { Uuid } from '../base/ids.ts';
import { absentable, orDefault } from './absent.ts';
import type { CriticalRegister } from './conflicts.ts';
import { streamRef } from './envelope.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import type { Rejection } from './rejections.ts';

export const PUSH_EVENTS_MAX = 1000;
/** Inflated bytes of a request's body. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;
export const PULL_LIMIT_MAX = 5000;
export const PULL_LIMIT_DEFAULT = 500;
export const PULL_BYTES_MAX = 4 * 1024 * 1024;
export const PULL_BYTES_DEFAULT = 1024 * 1024;
export const WANT_MAX = 500;

/** Events are parsed one by one, so that a bad one is its own verdict and not the request's failure. */
export const syncRequest = z.strictObject({
  protocol: z.literal(PROTOCOL_VERSION),
  cursor: z.optional(z.nullable(z.string().check(z.maxLength(64 * 1024)))),
  limit: orDefault(z.int().check(z.minimum(1), z.maximum(PULL_LIMIT_MAX)), PULL_LIMIT_DEFAULT),
  bytes: orDefault(z.int().check(z.minimum(1), z.maximum(PULL_BYTES_MAX)), PULL_BYTES_DEFAULT),
  mode: absentable(z.literal('events')),
  want: absentable(z.array(streamRef).check(z.maxLength(WANT_MAX))),
  mark: absentable(z.string().check(z.maxLength(4096))),
  events: absentable(z.array(z.unknown()).check(z.maxLength(PUSH_EVENTS_MAX))),
});

export interface SyncRequest {
  readonly protocol: 1;
  /** null: first sync. Absent: push only. */
  readonly cursor?: string | null | undefined;
  readonly limit: number;
  readonly bytes: number;
  readonly mode?: 'events' | undefined;
  /** Of any type: what this server does not know is answered like what does not exist. */
  readonly want?: readonly { readonly type: string; readonly id: Uuid }[] | undefined;
  readonly mark?: string | undefined;
  readonly events?: readonly unknown[] | undefined;
}

interface Taken {
  readonly position: number;
  readonly version: number;
  readonly clock: HybridClock;
}
export type AcceptedResult = { readonly id: Uuid; readonly status: 'accepted' } & Taken;
export type MergedResult = {
  readonly id: Uuid;
  readonly status: 'merged';
  readonly superseded: readonly string[];
} & Taken;
/** Nothing was overwritten: `ConflictRaised` is in the log, and a person decides. */
export interface RaisedConflict {
  readonly id: Uuid;
  readonly status: 'conflict';
  readonly position: number;
  readonly version: number;
  readonly conflictId: Uuid;
  readonly register: CriticalRegister;
}
/** In a `group` a conflict blocks the rest and raises none: nothing is in the log, and the same group never lands. */
export interface GroupConflict {
  readonly id: Uuid;
  readonly status: 'conflict';
  readonly register: CriticalRegister;
}
export type ConflictResult = RaisedConflict | GroupConflict;
/** The id as it was sent; null where there was none. */
export type RejectedResult = { readonly id: string | null; readonly status: 'rejected' } & Rejection;
/** What an event id got when it was first seen, and gets for ever. */
export type FirstResult = AcceptedResult | MergedResult | ConflictResult | RejectedResult;
type Repeated<R> = R extends { readonly status: infer S }
  ? Omit<R, 'status'> & { readonly status: 'duplicate'; readonly of: S }
  : never;
export type DuplicateResult = Repeated<FirstResult>;
export type PushResult = FirstResult | DuplicateResult;

/** The first result of an id, as its repetition. */
export const duplicateOf = (first: FirstResult): DuplicateResult =>
  ({ ...first, status: 'duplicate', of: first.status }) as DuplicateResult;
