import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import type { Database } from '../server/database/pool.ts';
import { THREADS } from '../server/projector/fold-ranges.ts';
import { RebuildFailed } from '../server/projector/rebuild-failed.ts';
import { buildReplay } from '../server/projector/replay/build-replay.ts';
import { diffReplay } from '../server/projector/replay/diff-replay.ts';
import { dropReplay } from '../server/projector/replay/drop-replay.ts';
import { listReplays, type Replay } from '../server/projector/replay/replay-notes.ts';
import { ReplayRefused } from '../server/projector/replay/replay-refused.ts';
import { momentToReplay, schemaOf } from './replay-moment.ts';
import { Problem } from '../shared/contract/problem.ts';
import { type Command, CommandFailed, say, UsageError, warn } from './command.ts';
import { findPrincipal, findWorkspace } from './find-principal.ts';
import { openForCommand } from './open-database.ts';
import { differenceLines } from './replay-lines.ts';

const USAGE = `leadzen replay --to <position, time or day> [--schema as_of_<name>] [--diff]
leadzen replay --diff [--schema as_of_<name>] [--rows <n>] [--json]
leadzen replay --list
leadzen replay --drop as_of_<name>

Builds the read models of a workspace as of a past moment into a schema of their own:
the tables of crm, with what the server knew then. The workspace's analysts read them
as they read crm. The same moment is the same bytes for ever, whatever phones upload
late; --list shows their SHA-256. A server may run meanwhile.

  --to         a position of the log, a time (2026-01-31T12:00:00Z), or a day of the
               workspace's time zone, which means its end
  --schema     as_of_ and the moment where left out
  --diff       what is otherwise today: rows added, removed and changed since, by id,
               with the columns
  --rows       rows that --diff names of each table, 20 where left out
  --json       --diff as one JSON object
  --workspace  id or name; needed where there are several
  --user       e-mail address of the admin or auditor who builds it; the first admin
               where left out

Each is noted in the database. Exit code 0: done. 1: it failed. 2: wrong usage.

Uses DATABASE_URL, or the embedded PostgreSQL in LEADZEN_DATA_DIR.`;

const OPTIONS = {
  to: { type: 'string' },
  schema: { type: 'string' },
  diff: { type: 'boolean', default: false },
  rows: { type: 'string', default: '20' },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  drop: { type: 'string' },
  workspace: { type: 'string' },
  user: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS }).values;
type Order = ReturnType<typeof parse>;

const ROWS_MAX = 10_000;

const rowsWanted = ({ rows }: Order): number => {
  const wanted = Number(rows);
  if (/^\d{1,5}$/.test(rows) && wanted <= ROWS_MAX) return wanted;
  throw new UsageError(`--rows is a number up to ${ROWS_MAX}`);
};

const build = async (database: Database, order: Order, to: string): Promise<string> => {
  const { workspace, user } = order;
  const principal = await findPrincipal(database.owner, { workspace, user });
  const { workspaceId, userId, role } = principal;
  const moment = await momentToReplay(database.app.for(workspaceId), workspaceId, to);
  const schema = order.schema ?? schemaOf(to);
  let toldAt = Date.now();
  const onFolded = (events: number): void => {
    if (Date.now() - toldAt < 2000) return;
    toldAt = Date.now();
    warn(`folded ${events.toLocaleString('en')} events`);
  };
  const wanted = { workspaceId, userId, role, asked: to, ...moment, schema };
  await buildReplay(database, wanted, { newId: uuidv7, threads: THREADS, onFolded });
  if (!order.json) say(`built ${schema} as of position ${moment.position} (${moment.moment})`);
  return schema;
};

const named = async (database: Database, order: Order, schema: string | undefined): Promise<Replay> => {
  const { id } = await findWorkspace(database.owner, order.workspace);
  const replays = await listReplays(database.owner, id);
  const found = replays.filter((replay) => schema === undefined || replay.schema === schema);
  const [first] = found;
  if (found.length === 1 && first !== undefined) return first;
  const which = schema === undefined ? 'name one of these by --schema' : `this workspace has no ${schema}; there are`;
  throw new UsageError([`${which}:`, ...replays.map((replay) => `  ${replay.schema}`)].join('\n'));
};

const diff = async (database: Database, order: Order, schema: string | undefined): Promise<void> => {
  const limit = rowsWanted(order);
  const replay = await named(database, order, schema);
  if (replay.finishedAt === null) throw new CommandFailed(`${replay.schema} broke off, or is being built`);
  const difference = await diffReplay(database, replay, limit);
  if (order.json) say(JSON.stringify(difference));
  else for (const line of differenceLines(difference)) say(line);
};

const lineOf = ({ schema, position, moment, finishedAt, rows, sha256 }: Replay): string =>
  finishedAt === null
    ? `${schema}  position ${position}  broke off, or is being built`
    : `${schema}  position ${position}  ${moment}  ${rows ?? 0} rows  sha256 ${sha256 ?? ''}`;

const list = async (database: Database, order: Order): Promise<void> => {
  const found = await listReplays(database.owner, (await findWorkspace(database.owner, order.workspace)).id);
  for (const replay of found) say(lineOf(replay));
  if (found.length === 0) say('there are none');
};

const drop = async (database: Database, order: Order, schema: string): Promise<void> => {
  await dropReplay(database, await named(database, order, schema));
  say(`dropped ${schema}`);
};

const act = async (database: Database, order: Order): Promise<void> => {
  if (order.list) return list(database, order);
  if (order.drop !== undefined) return drop(database, order, order.drop);
  const built = order.to === undefined ? order.schema : await build(database, order, order.to);
  if (order.diff) await diff(database, order, built);
};

const requireOne = ({ to, diff: differing, list: listing, drop: dropped }: Order): void => {
  const wanted = [to !== undefined || differing, listing, dropped !== undefined].filter(Boolean).length;
  if (wanted !== 1) throw new UsageError('say one of --to, --diff, --list and --drop; --to and --diff go together');
};

const isRefusal = (error: unknown): error is Error =>
  [Problem, ReplayRefused, RebuildFailed].some((kind) => error instanceof kind);

export const replayCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const order = parse(args);
    requireOne(order);
    const { database, close } = await openForCommand(config);
    try {
      await act(database, order);
    } catch (error) {
      throw isRefusal(error) ? new CommandFailed(error.message, { cause: error }) : error;
    } finally {
      await close();
    }
    return 0;
  },
};
