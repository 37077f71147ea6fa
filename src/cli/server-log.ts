import pino, { type Logger } from 'pino';
import type { LogLevel } from '../config.ts';

const SECRETS = ['password', 'accessToken', 'refreshToken', 'authorization', 'cookie', 'connectionString'];

/** Of an error what helps, without what PostgreSQL adds: `detail` and `where` repeat values of rows. */
const errorForLog = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause === undefined ? undefined : errorForLog(error.cause);
  return { type: error.name, message: error.message, code, stack: error.stack, cause };
};

/** JSON lines on standard error; standard output is for people. */
export const createLog = (level: LogLevel): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorForLog, error: errorForLog },
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '***' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
