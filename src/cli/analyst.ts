import { parseArgs } from 'node:util';
import {
  addAnalyst,
  AnalystRefused,
  listAnalysts,
  removeAnalyst,
  type AnalystView,
} from '../server/database/analysts/logins.ts';
import type { Database } from '../server/database/pool.ts';
import { projections } from '../../projections/registry.ts';
import { ensureTables } from '../server/projector/ensure-tables.ts';
import { type Command, CommandFailed, say, UsageError } from './command.ts';
import { findWorkspace } from './find-principal.ts';
import { openForCommand } from './open-database.ts';

const USAGE = `leadzen analyst add --name <name> [--personal-data] [--workspace <id or name>]
leadzen analyst list [--workspace <id or name>]
leadzen analyst remove <login> [--workspace <id or name>]

Gives an analyst, or a BI tool, a login to PostgreSQL itself. It reads the views of
the schema crm, and of those the rows of one workspace, whatever it sets or calls; it
writes nothing. The address with its password is printed once.

  --name           what you call it
  --personal-data  shows names, addresses and notes of leads, contacts and activities
                   (columns that hold them are null otherwise)
  --workspace      needed where there are several

While a server runs, statements end after 30 s, transactions after 60 s, idle sessions
after 30 minutes; 3 connections a login, 20 for all. An embedded PostgreSQL listens
for programs of this machine alone.

Exit code 0: done. 1: it was refused. 2: wrong usage.

Uses DATABASE_URL, or the embedded PostgreSQL in LEADZEN_DATA_DIR.`;

const OPTIONS = {
  name: { type: 'string' },
  'personal-data': { type: 'boolean' },
  workspace: { type: 'string' },
} as const;

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
type Order = ReturnType<typeof parse>;

const addressOf = (url: string, login: string, password: string): string =>
  Object.assign(new URL(url), { username: login, password }).href;

const add = async ({ url, owner, projector }: Database, { values }: Order): Promise<void> => {
  const { name, workspace } = values;
  if (name === undefined || name.trim() === '') throw new UsageError('--name says what you call the login');
  const { id } = await findWorkspace(owner, workspace);
  // The views that it may read are made by the projector, which may never have run.
  await ensureTables(projector, projections);
  const personalData = values['personal-data'] === true;
  const { login, password } = await addAnalyst(url, { workspaceId: id, label: name.trim(), personalData });
  say(`added ${name.trim()} as ${login}`);
  say(addressOf(url, login, password));
};

const lineOf = ({ login, label, personalData, createdAt }: AnalystView): string =>
  `${login}  ${createdAt.slice(0, 10)}  ${label}${personalData ? ' (sees personal data)' : ''}`;

const list = async ({ owner }: Database, { values }: Order): Promise<void> => {
  const found = await listAnalysts(owner, (await findWorkspace(owner, values.workspace)).id);
  for (const analyst of found) say(lineOf(analyst));
  if (found.length === 0) say('there are no logins of analysts');
};

const remove = async ({ url, owner }: Database, { values, positionals }: Order): Promise<void> => {
  const [, login] = positionals;
  if (login === undefined) throw new UsageError('name the login: "leadzen analyst list" shows them');
  await removeAnalyst(url, (await findWorkspace(owner, values.workspace)).id, login);
  say(`removed ${login}`);
};

const ACTIONS = { add, list, remove } as const;

export const analystCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const order = parse(args);
    const [name = ''] = order.positionals;
    if (!Object.hasOwn(ACTIONS, name) || order.positionals.length > (name === 'remove' ? 2 : 1)) {
      throw new UsageError(`say one of ${Object.keys(ACTIONS).join(', ')}`);
    }
    const { database, close } = await openForCommand(config);
    try {
      await ACTIONS[name as keyof typeof ACTIONS](database, order);
    } catch (error) {
      throw error instanceof AnalystRefused ? new CommandFailed(error.message) : error;
    } finally {
      await close();
    }
    return 0;
  },
};
