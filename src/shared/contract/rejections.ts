import type { Uuid } from '../base/ids.ts';

/** Why an event was refused. The list is closed: clients switch over it without a default. */
export type RejectionCode =
  /** The event breaks a schema or a rule; it will never be taken as it is. */
  | 'invalid'
  /** The actor may see the record but not do this to it. */
  | 'forbidden'
  /** The record is deleted: restore it first. */
  | 'archived'
  /** This server does not know the event type (yet): keep it and send it again after an upgrade. */
  | 'unknown_type'
  /** The stream, or one that the event refers to, does not exist or may not be seen. */
  | 'unknown_stream'
  /** The id was used before for other content. */
  | 'id_reuse'
  /** Something this event depends on was refused: see `blockedBy`. */
  | 'blocked'
  /** The conflict was settled by somebody else. */
  | 'already_resolved';

export interface FieldError {
  /** Dotted path from the event: `data.amountMinor`. */
  readonly path: string;
  readonly message: string;
}

export interface Rejection {
  readonly code: RejectionCode;
  /** A sentence that says what to do. */
  readonly message: string;
  readonly fields?: readonly FieldError[];
  readonly blockedBy?: Uuid;
}

/** Refusals that time cannot change; the log remembers them under the event's id. */
export const REMEMBERED: ReadonlySet<RejectionCode> = new Set(['invalid', 'forbidden', 'archived', 'already_resolved']);

type Reason =
  | readonly [code: 'invalid', message: string, fields: readonly FieldError[]]
  | readonly [code: Exclude<RejectionCode, 'invalid'>, message: string, fields?: readonly FieldError[]];

export const rejection = (...[code, message, fields]: Reason): Rejection =>
  fields === undefined ? { code, message } : { code, message, fields };

/** An `invalid` that is no fault of what was sent: what is there does not allow it, as a deal that is won cannot be lost. */
export const wrongState = (message: string): Rejection => ({ code: 'invalid', message });

/** Told apart by naming no field, as every other `invalid` does. */
export const isWrongState = ({ code, fields }: Rejection): boolean => code === 'invalid' && fields === undefined;

/** An `invalid` that names one field of the data. */
export const invalidField = (field: string, message: string): Rejection =>
  rejection('invalid', `${field}: ${message}`, [{ path: `data.${field}`, message }]);
