import { Problem } from '../../shared/contract/problem.ts';

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** Error codes of sockets that say the connection is gone. */
const SOCKET_CODES = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN']);

/**
 * Whether the connection went away, so that the outcome of the statement is unknown. A backend killed with -9 leaves an
 * error without any code ("Connection terminated unexpectedly"), so the absence of one counts too.
 */
export const isConnectionLost = (error: unknown): boolean => {
  const code = codeOf(error);
  if (code === undefined)
    return error instanceof Error && /connection|terminat|timeout exceeded when trying to connect/i.test(error.message);
  return SOCKET_CODES.has(code) || code.startsWith('08') || code.startsWith('57P');
};

/** Whether PostgreSQL refused a value (data exception, constraint, limit), so that the same statement fails for ever. */
export const isRefusedValue = (error: unknown): boolean => {
  const code = codeOf(error);
  return code !== undefined && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
};

/** Out of reach, out of room or out of time: the same request may succeed later. */
const isTransient = (error: unknown): boolean => {
  const code = codeOf(error);
  return isConnectionLost(error) || (code !== undefined && /^(40|53|55|57)[0-9A-Z]{3}$/.test(code));
};

/** What a client is told of a failure: to try again where that may help; anything else stays the bug that it is. */
export const asProblem = (error: unknown): unknown =>
  !(error instanceof Problem) && isTransient(error)
    ? Object.assign(new Problem('unavailable', 'the database is out of reach: send the request again in a moment'), {
        cause: error,
      })
    : error;
