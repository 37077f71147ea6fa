import { type Command, CommandFailed, say, UsageError, warn } from './cli/command.ts';
import { parseConfig } from './config.ts';
import { DatabaseRefused } from './server/database/durability.ts';
import { EmbeddedFailed } from './server/database/embedded/failure.ts';
import { MigrationRefused } from './server/database/migrate.ts';

interface Entry {
  readonly summary: string;
  /** Called when the command is: each starts as fast as what it needs. */
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    summary: 'run the server',
    load: async () => (await import('./cli/serve.ts')).serveCommand,
  },
  migrate: {
    summary: 'bring the database forward to this version',
    load: async () => (await import('./cli/migrate.ts')).migrateCommand,
  },
  projections: {
    summary: 'say how far the read models are, and retry what they could not fold',
    load: async () => (await import('./cli/projections.ts')).projectionsCommand,
  },
  user: {
    summary: 'add a user',
    load: async () => (await import('./cli/user.ts')).userCommand,
  },
  analyst: {
    summary: 'give an analyst a login to the database',
    load: async () => (await import('./cli/analyst.ts')).analystCommand,
  },
  keys: {
    summary: 'rotate the signing key',
    load: async () => (await import('./cli/keys.ts')).keysCommand,
  },
  import: {
    summary: 'import a CSV file',
    load: async () => (await import('./cli/import.ts')).importCommand,
  },
  export: {
    summary: 'write all records of a type to a file',
    load: async () => (await import('./cli/export.ts')).exportCommand,
  },
  rebuild: {
    summary: 'build read models anew from the log',
    load: async () => (await import('./cli/rebuild.ts')).rebuildCommand,
  },
  replay: {
    summary: 'build the read models of a past moment beside them',
    load: async () => (await import('./cli/replay.ts')).replayCommand,
  },
};

const SETTINGS = `Settings come from the environment:
  PORT              3000; 0 takes any free port
  HOST              127.0.0.1, or 0.0.0.0 where TLS or TRUST_PROXY is set
  DATABASE_URL      a PostgreSQL of your own; without it the embedded one runs
  LEADZEN_DATA_DIR  .leadzen, where the embedded one keeps its data
  LOG_LEVEL         info (fatal, error, warn, info, debug, trace, silent)
  TLS_CERT TLS_KEY  PEM files; with them the server speaks HTTPS
  TRUST_PROXY       addresses of your proxies, such as 10.0.0.0/8,192.0.2.7
  RATE_LIMIT        on; off lifts the limits of requests, for benches
  COLUMNS_MEMORY_MB 512; for copies of read models that analytics of large workspaces are asked of, 0 for none
  CORS_ORIGINS      origins that browsers may call from, such as https://app.example.com`;

const overview = (): string => {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return ['leadzen <command> [options]', '', ...lines, '', 'leadzen <command> --help says more.', '', SETTINGS].join(
    '\n',
  );
};

const isExpected = (error: unknown): error is Error =>
  [CommandFailed, EmbeddedFailed, MigrationRefused, DatabaseRefused].some((kind) => error instanceof kind);

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

const run = async (name: string, { load }: Entry, args: readonly string[]): Promise<number> => {
  const command = await load();
  if (args.includes('--help') || args.includes('-h')) {
    say(command.usage);
    return 0;
  }
  const config = parseConfig(process.env);
  if (!config.ok) {
    for (const mistake of config.error) warn(mistake);
    return 2;
  }
  try {
    return await command.run(args, config.value);
  } catch (error) {
    if (isUsage(error)) {
      warn(`${error.message}\n"leadzen ${name} --help" says how it is called.`);
      return 2;
    }
    warn(isExpected(error) ? error.message : String(error instanceof Error ? error.stack : error));
    return 1;
  }
};

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    say(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry !== undefined) return run(name, entry, args);
  warn(`there is no command "${name}"\n`);
  warn(overview());
  return 2;
};

process.exitCode = await main(process.argv.slice(2));
// Nothing should be left that keeps the process alive; if something is, the command is over nevertheless.
setTimeout(() => process.exit(), 2000).unref();
