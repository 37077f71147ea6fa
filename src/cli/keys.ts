import { parseArgs } from 'node:util';
import { rotateSigningKey } from '../server/auth/keys.ts';
import { type Command, say, UsageError } from './command.ts';
import { openForCommand } from './open-database.ts';

const LEAD_MINUTES = 24 * 60;
const MINUTES_MAX = 30 * 24 * 60;

const minutesOf = (text: string | undefined): number => {
  const minutes = text === undefined ? LEAD_MINUTES : Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MAX) return minutes;
  throw new UsageError(`--in is a number of minutes from 1 to ${MINUTES_MAX}, not "${text}"`);
};

export const keysCommand: Command = {
  usage: `leadzen keys rotate [--in <minutes>]

Publishes a new signing key (/.well-known/jwks.json) that takes over in 24 hours, or
in as many minutes as --in says (1 or more). Nobody is signed out: the present key
signs until then, and verifies until its last token has expired. While a new key
waits for its turn no other is made.

Uses DATABASE_URL, or the embedded PostgreSQL in LEADZEN_DATA_DIR.`,
  run: async (args, config) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { in: { type: 'string' } },
      allowPositionals: true,
    });
    if (positionals.join(' ') !== 'rotate') throw new UsageError('the one thing to do with keys is "rotate"');
    const leadSeconds = minutesOf(values.in) * 60;
    const { database, close } = await openForCommand(config);
    try {
      const { kid, signsFrom, isNew } = await rotateSigningKey(database.app, leadSeconds);
      say(`${isNew ? '' : 'no key was made: '}the key ${kid} signs from ${signsFrom}`);
    } finally {
      await close();
    }
    return 0;
  },
};
