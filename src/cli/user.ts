import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { ROLES } from '../shared/contract/events/user.ts';
import { createAuth } from '../server/auth/auth.ts';
import { loadKeys } from '../server/auth/keys.ts';
import type { Added } from '../server/auth/add-user.ts';
import type { Database } from '../server/database/pool.ts';
import { createAccess } from '../server/access/access.ts';
import { createPush } from '../server/sync/push.ts';
import { newUser, type NewUser } from '../shared/contract/people.ts';
import { Problem } from '../shared/contract/problem.ts';
import { openCommandWake } from './command-wake.ts';
import { type Command, CommandFailed, say, UsageError } from './command.ts';
import { findPrincipal } from './find-principal.ts';
import { openForCommand } from './open-database.ts';

const USAGE = `leadzen user add --name <name> --email <address> --role <role> [options]

Adds a user in the name of the workspace's first admin. Without a password it prints
the token of an invitation, once: POST /api/auth/accept-invitation {token, password}.

  --role             ${ROLES.join(', ')}
  --workspace        id or name; needed where there are several
  --team             id of a team that the user joins
  --password-stdin   reads the password from standard input, up to the end of the line

Exit code 0: added. 1: it was refused. 2: wrong usage.

Uses DATABASE_URL, or the embedded PostgreSQL in LEADZEN_DATA_DIR.`;

const OPTIONS = {
  name: { type: 'string' },
  email: { type: 'string' },
  role: { type: 'string' },
  workspace: { type: 'string' },
  team: { type: 'string' },
  'password-stdin': { type: 'boolean' },
} as const;

interface Order {
  readonly workspace: string | undefined;
  readonly user: NewUser;
}

const readOrder = async (args: readonly string[]): Promise<Order> => {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (positionals.join(' ') !== 'add') throw new UsageError('the one thing to do with users is "add"');
  const { name, email, role, team, workspace } = values;
  const password = values['password-stdin'] === true ? (await text(process.stdin)).replace(/\r?\n.*$/s, '') : undefined;
  z.config(en());
  const user = newUser.safeParse({
    name,
    email,
    role,
    ...(team === undefined ? {} : { teamId: team }),
    ...(password === undefined ? {} : { password }),
  });
  if (user.success) return { workspace, user: user.data };
  throw new UsageError(user.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
};

const add = async (database: Database, { workspace, user }: Order): Promise<Added> => {
  const wake = await openCommandWake(database);
  try {
    const principal = await findPrincipal(database.owner, { workspace, user: undefined });
    const keys = await loadKeys(database.app);
    const { contentKey } = keys;
    const access = createAccess(database.log);
    const push = createPush({ pool: database.log, wake, access, contentKey, ownsDevice: async () => false });
    return await createAuth({ pool: database.app, keys, push }).users.add(principal, user);
  } finally {
    await wake.close();
  }
};

export const userCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const order = await readOrder(args);
    const { database, close } = await openForCommand(config);
    try {
      const { id, invitation } = await add(database, order);
      say(`added ${order.user.email} as ${order.user.role} (${id})`);
      if (invitation !== undefined) say(`invitation ${invitation.token} until ${invitation.expiresAt}`);
    } catch (error) {
      throw error instanceof Problem ? new CommandFailed(error.message, { cause: error }) : error;
    } finally {
      await close();
    }
    return 0;
  },
};
