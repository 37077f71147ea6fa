import { parseArgs } from 'node:util';
import { type Command, say } from './command.ts';
import { openForCommand } from './open-database.ts';

/** Servers migrate by themselves when they start; this is for those who want it done before. */
export const migrateCommand: Command = {
  usage: `leadzen migrate

Applies the files of migrations/ that the database does not have yet, each in a
transaction of its own. Any number may run at once; "leadzen serve" does the same
before it listens. A database newer than this LeadZen is refused.

Uses DATABASE_URL, or the embedded PostgreSQL in LEADZEN_DATA_DIR.`,
  run: async (args, config) => {
    parseArgs({ args: [...args], options: {} });
    const { database, close } = await openForCommand(config);
    try {
      const { rows } = await database.owner.query<{ label: string }>(
        `select lpad(version::text, 4, '0') || ' ' || name as label from schema_migration order by version`,
      );
      for (const { label } of rows) say(label);
      say('the database is up to date');
    } finally {
      await close();
    }
    return 0;
  },
};
