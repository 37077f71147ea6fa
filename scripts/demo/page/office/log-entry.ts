import type { StoredEvent } from '../../../../src/shared/contract/envelope.ts';

/** An event as a pull brings it. */
export interface LogEntry extends StoredEvent {
  readonly op: 'event';
}
interface OtherOp {
  readonly op: 'enter' | 'leave';
}

/** The part of a sync's answer that the log needs. */
export interface LogPage {
  readonly cursor: string;
  readonly upToDate: boolean;
  readonly ops: readonly (LogEntry | OtherOp)[];
  readonly results?: readonly { readonly status: string; readonly message?: string }[];
}
