import { BlockList, isIP } from 'node:net';
import { err, ok, type Result } from './shared/base/result.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment says, checked once. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  /** Paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Addresses and networks of proxies whose X-Forwarded-* headers count. */
  readonly trustProxy: readonly string[];
  /** Origins that browsers may call from. */
  readonly corsOrigins: readonly string[];
  /** False: the rates of requests are not limited, for benches. Wrong passwords are throttled in any case. */
  readonly rateLimit: boolean;
  /** For copies of read models by columns, which analytics of large workspaces are asked of; 0: none. */
  readonly columnsMemoryMb: number;
  /** NODE_ENV is production: nothing is served in the clear. */
  readonly production: boolean;
}

/** The environment, for the one place that reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';

/** Reads settings and remembers what was wrong with them. */
interface Reader {
  readonly mistakes: string[];
  /** An empty setting counts as not set: that is how compose files hand on what is missing. */
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => string[];
}

const readerOf = (env: Environment): Reader => {
  const text = (name: string) => env[name]?.trim() || undefined;
  const list = (name: string) => (text(name) ?? '').split(',').flatMap((item) => item.trim() || []);
  return { mistakes: [], text, list };
};

const readPort = ({ text, mistakes }: Reader): number => {
  const given = text('PORT') ?? '3000';
  const port = /^\d{1,5}$/.test(given) ? Number(given) : Number.NaN;
  if (port <= 65_535) return port;
  mistakes.push(`PORT is a number from 0 to 65535, not "${given}"`);
  return 0;
};

const readDatabaseUrl = ({ text, mistakes }: Reader): string | undefined => {
  const given = text('DATABASE_URL');
  if (given === undefined) return undefined;
  // The message never repeats the value: it may hold a password.
  const isUrl = /^postgres(ql)?:\/\//.test(given) && URL.canParse(given);
  if (!isUrl) mistakes.push('DATABASE_URL looks like postgresql://user:password@host:5432/database');
  return given;
};

const readLogLevel = ({ text, mistakes }: Reader): LogLevel => {
  const given = text('LOG_LEVEL') ?? 'info';
  const level = LOG_LEVELS.find((candidate) => candidate === given);
  if (level === undefined) mistakes.push(`LOG_LEVEL is one of ${LOG_LEVELS.join(', ')}, not "${given}"`);
  return level ?? 'info';
};

const readTls = ({ text, mistakes }: Reader): Config['tls'] => {
  const cert = text('TLS_CERT');
  const key = text('TLS_KEY');
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined || key !== undefined)
    mistakes.push('TLS_CERT and TLS_KEY are set together, as paths of PEM files');
  return undefined;
};

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, /^\d{1,3}$/.test(bits) ? Number(bits) : -1, family === 4 ? 'ipv4' : 'ipv6');
    // A network of everybody trusts everybody's word on who they are.
    return Number(bits) > 0;
  } catch {
    return false;
  }
};

const readTrustProxy = ({ list, mistakes }: Reader): string[] => {
  const given = list('TRUST_PROXY');
  const wrong = given.filter((item) => !isNetwork(item));
  if (wrong.length > 0) {
    mistakes.push(
      `TRUST_PROXY lists addresses or networks of your proxies (10.0.0.0/8, 192.0.2.7), not "${wrong.join(', ')}"`,
    );
  }
  return given;
};

const isOrigin = (text: string): boolean =>
  /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;

const readOrigins = ({ list, mistakes }: Reader): string[] => {
  const given = list('CORS_ORIGINS');
  const wrong = given.filter((item) => !isOrigin(item));
  if (wrong.length > 0) {
    mistakes.push(
      `CORS_ORIGINS lists origins like https://app.example.com, without path or slash, not "${wrong.join(', ')}"`,
    );
  }
  return given;
};

const readHost = ({ text, mistakes }: Reader, isShielded: boolean): string => {
  const given = text('HOST') ?? (isShielded ? EVERYWHERE : LOOPBACK);
  if (isIP(given) === 0 && !/^[a-z0-9.-]+$/i.test(given))
    mistakes.push(`HOST is an address or a host name, not "${given}"`);
  return given;
};

const readRateLimit = ({ text, mistakes }: Reader): boolean => {
  const given = text('RATE_LIMIT') ?? 'on';
  if (given !== 'on' && given !== 'off') mistakes.push(`RATE_LIMIT is on or off, not "${given}"`);
  return given !== 'off';
};

const readColumnsMemory = ({ text, mistakes }: Reader): number => {
  const given = text('COLUMNS_MEMORY_MB') ?? '512';
  const megabytes = /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (megabytes === 0 || megabytes >= 64) return megabytes;
  mistakes.push(`COLUMNS_MEMORY_MB is a number of megabytes from 64 on, or 0 for none, not "${given}"`);
  return 0;
};

/** The configuration, or one sentence for each mistake. Without TLS or a proxy, only this machine can reach the server. */
export const parseConfig = (env: Environment): Result<Config, string[]> => {
  const reader = readerOf(env);
  const tls = readTls(reader);
  const trustProxy = readTrustProxy(reader);
  const config: Config = {
    host: readHost(reader, tls !== undefined || trustProxy.length > 0),
    port: readPort(reader),
    databaseUrl: readDatabaseUrl(reader),
    dataDir: reader.text('LEADZEN_DATA_DIR') ?? '.leadzen',
    logLevel: readLogLevel(reader),
    tls,
    trustProxy,
    corsOrigins: readOrigins(reader),
    rateLimit: readRateLimit(reader),
    columnsMemoryMb: readColumnsMemory(reader),
    production: reader.text('NODE_ENV') === 'production',
  };
  return reader.mistakes.length === 0 ? ok(config) : err(reader.mistakes);
};
