import type { FieldError, Rejection, RejectionCode } from '../shared/contract/rejections.ts';

/** Why something was not done, for code to switch over. */
export type RefusalCode =
  | RejectionCode
  | 'update_app'
  | 'storage_full'
  | 'not_signed_in'
  | 'not_found'
  | 'offline'
  | 'unauthenticated'
  | 'locked';

/** The answer no, at once and offline: thrown by writes, with the fields to mark in a form. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly fields: readonly FieldError[];
  constructor(code: RefusalCode, message: string, fields: readonly FieldError[] = []) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.fields = fields;
  }
}

export const refusalOf = ({ code, message, fields }: Rejection): Refusal => new Refusal(code, message, fields);
