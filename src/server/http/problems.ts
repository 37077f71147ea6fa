import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, type ProblemCode } from '../../shared/contract/problem.ts';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Seconds after which it is worth trying again. */
const RETRY_AFTER_S: Partial<Record<ProblemCode, number>> = {
  rate_limited: 5,
  projection_behind: 1,
  overloaded: 1,
  shutting_down: 2,
  unavailable: 2,
};

const FRAMEWORK: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Send application/json in UTF-8.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is too large.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'Content-Length does not match the body.'],
  FST_ERR_BAD_URL: ['invalid_request', 'The path is not a valid URL path.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'There is nothing here.'],
  FST_ERR_HANDLER_TIMEOUT: ['overloaded', 'The request took too long. Try again later.'],
};

/** The problem that an error stands for; `internal` for what nobody foresaw. */
const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  const { code, statusCode } = (error ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  const framework = typeof code === 'string' ? FRAMEWORK[code] : undefined;
  if (framework !== undefined) return new Problem(...framework);
  if (statusCode === 400) return new Problem('invalid_request', 'The request is not valid.');
  return new Problem('internal', 'Something went wrong on our side. Quote the X-Request-Id when you report it.');
};

/** Sends a problem with the headers that belong to its code. */
const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply => {
  const { body } = problem;
  const retryAfter = problem.retryAfter ?? RETRY_AFTER_S[body.code];
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  if (body.status === 401) reply.header('www-authenticate', 'Bearer');
  // What is left of such a body is not worth reading, so neither is the connection worth keeping.
  if (body.code === 'too_large' || body.code === 'shutting_down') reply.header('connection', 'close');
  return reply.code(body.status).header('cache-control', 'no-store').type(PROBLEM_TYPE).send(JSON.stringify(body));
};

/** Tells outages from bugs: a Problem for the former, anything else as it is. */
export type AsProblem = (error: unknown) => unknown;

/** The one place where an error becomes an answer, and where what went wrong on our side is logged, once. */
const answerError =
  (asProblem: AsProblem) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(asProblem(error));
    const { body, cause } = problem;
    if (body.code === 'internal') request.log.error({ err: error }, 'a request failed');
    else if (body.status >= 500) request.log.warn({ code: body.code, cause }, 'a request could not be served');
    void sendProblem(reply, problem);
  };

export const answerErrors = (app: FastifyInstance, asProblem: AsProblem): void =>
  void app.setErrorHandler(answerError(asProblem));

/** Errors of routing, which no error handler of the app sees. */
export const answerFrameworkError = answerError;

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'too_large', 'The headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'invalid_request', 'The request did not arrive in time.'],
};

/** Answers what is not HTTP at all, or arrives too slowly, and closes the connection. */
export const answerClientError = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, code, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [
    400,
    'invalid_request',
    'This is not a valid HTTP request.',
  ];
  const body = JSON.stringify({ ...new Problem(code, detail).body, status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
};
