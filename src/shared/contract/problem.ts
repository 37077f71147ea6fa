import type { FieldError } from './rejections.ts';

/** Every way a request as a whole can be refused, with its status. Clients switch over the code, people read the detail. */
export const PROBLEM_STATUS = {
  invalid_json: 400,
  invalid_request: 400,
  cursor_invalid: 400,
  unauthenticated: 401,
  device_revoked: 401,
  forbidden: 403,
  https_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  version_conflict: 409,
  already_exists: 409,
  archived: 409,
  id_reuse: 409,
  already_resolved: 409,
  wrong_state: 409,
  last_admin: 409,
  cursor_reset: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  projection_behind: 503,
  overloaded: 503,
  shutting_down: 503,
  unavailable: 503,
} as const;
export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** The body of an error answer: RFC 9457, with our `code`. */
export interface ProblemBody {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  /** A sentence that says what to do. */
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  /** With cursor_reset: why. */
  readonly reason?: 'restored' | 'expired';
  /** With device_revoked: the signed order that the device obeys. */
  readonly wipeOrder?: string;
}

interface Extra {
  readonly errors?: readonly FieldError[];
  readonly reason?: 'restored' | 'expired';
  readonly wipeOrder?: string;
  /** Seconds after which it is worth trying again, for the header Retry-After. */
  readonly retryAfter?: number;
}

/** Ends a request with a problem. Thrown by what serves a request, answered in one place: the error handler of `http`. */
export class Problem extends Error {
  readonly body: ProblemBody;
  /** Seconds, where they are known better than from the code alone. */
  readonly retryAfter: number | undefined;
  constructor(code: ProblemCode, detail: string, { retryAfter, ...extra }: Extra = {}) {
    super(detail);
    this.retryAfter = retryAfter;
    const title = code.replaceAll('_', ' ');
    this.body = { type: 'about:blank', title, status: PROBLEM_STATUS[code], code, detail, ...extra };
  }
}
