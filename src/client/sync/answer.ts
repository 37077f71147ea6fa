import type { HybridClock } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { ProposedEvent, RegisterClocks, StreamRef } from '../../shared/contract/envelope.ts';
import type { FieldError, RejectionCode } from '../../shared/contract/rejections.ts';

/** A stream as the wire names it: of any type. */
export interface AnyStream {
  readonly type: string;
  readonly id: Uuid;
}

export interface EnterOp {
  readonly op: 'enter';
  readonly position: number;
  readonly version: number;
  readonly stream: AnyStream;
  readonly scope?: Uuid;
  readonly root?: Uuid;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
}
export interface EventOp {
  readonly op: 'event';
  readonly position: number;
  readonly version: number;
  readonly stream: StreamRef;
  readonly scope: Uuid;
  readonly root: Uuid;
  readonly id: Uuid;
  readonly type: string;
  readonly schemaVersion: number;
  readonly actor: Uuid;
  readonly device: Uuid;
  readonly at: HybridClock;
  readonly clock: HybridClock;
  readonly recordedAt: string;
  readonly superseded: readonly string[];
  readonly data: JsonObject;
}
/** Of one stream, or of everything in a scope. */
export interface LeaveOp {
  readonly op: 'leave';
  readonly stream?: AnyStream;
  readonly scope?: Uuid;
}
export type Op = EnterOp | EventOp | LeaveOp;

/** One event's verdict; a duplicate repeats the whole first one and names its status in `of`. */
export interface Verdict {
  readonly id: Uuid | null;
  readonly status: 'accepted' | 'merged' | 'conflict' | 'rejected' | 'duplicate';
  readonly of?: 'accepted' | 'merged' | 'conflict' | 'rejected';
  readonly position?: number;
  readonly version?: number;
  readonly clock?: HybridClock;
  readonly conflictId?: Uuid;
  readonly register?: string;
  readonly code?: RejectionCode;
  readonly message?: string;
  readonly fields?: readonly FieldError[];
  readonly blockedBy?: Uuid;
}

/** The present one, as a client reads it; what a newer server adds is left alone. */
export interface SyncAnswer {
  readonly serverTime: string;
  readonly head: number;
  readonly results: readonly Verdict[];
  readonly mark?: string;
  readonly from?: string | null;
  readonly cursor?: string;
  readonly through?: number;
  readonly upToDate?: boolean;
  readonly ops?: readonly Op[];
}

/** What a client sends. */
export interface SyncQuestion {
  readonly protocol: 1;
  readonly cursor: string | null;
  readonly limit: number;
  readonly bytes: number;
  readonly want?: readonly AnyStream[];
  readonly mark?: string;
  readonly events?: readonly ProposedEvent[];
}
