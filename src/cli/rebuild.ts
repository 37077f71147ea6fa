import { parseArgs } from 'node:util';
import type { Projection } from '../../projections/projection.ts';
import { projections } from '../../projections/registry.ts';
import { THREADS } from '../server/projector/fold-ranges.ts';
import { RebuildFailed } from '../server/projector/rebuild-failed.ts';
import { rebuild, type RebuildProgress } from '../server/projector/rebuild.ts';
import { type Command, CommandFailed, say, UsageError } from './command.ts';
import { openForCommand } from './open-database.ts';

const USAGE = `leadzen rebuild [read model]

Builds read models anew from the log, all of them or the one that is named, and puts
them into the place of the present ones when they have caught up. A server may run
meanwhile and goes on answering. Ended at any moment, it changes nothing: start it
again. An event that cannot be folded ends it and is named.

Read models:
${projections.map(({ tables }) => `  ${tables.map(({ name }) => name).join(', ')}`).join('\n')}

Exit code 0: rebuilt. 1: it failed, and the present ones serve on. 2: wrong usage.`;

/** By the name of the projection or of one of its tables; all where none is named. */
const chosen = (name: string | undefined): readonly Projection[] => {
  if (name === undefined) return projections;
  const found = projections.filter((projection) => projection.tables.some((table) => table.name === name));
  if (found.length > 0) return found;
  throw new UsageError(`there is no read model "${name}"`);
};

const BAR = 30;
/** Between two lines where there is no terminal. */
const LINE_MS = 2000;

/** A bar on a terminal, elsewhere a line for each phase and now and then in between. On stderr, as it is for people. */
const showProgress = (): ((progress: RebuildProgress) => void) => {
  const terminal = process.stderr.isTTY;
  let phase: string | undefined;
  let shownAt = 0;
  return (progress) => {
    const isNew = progress.phase !== phase;
    if (!terminal && !isNew && Date.now() - shownAt < LINE_MS) return;
    phase = progress.phase;
    shownAt = Date.now();
    process.stderr.write(terminal ? barOf(progress) : `${lineOf(progress)}\n`);
    if (terminal && phase === 'done') process.stderr.write('\n');
  };
};

const lineOf = ({ phase, events, total }: RebuildProgress): string => {
  if (phase === 'folding') return `folding ${events.toLocaleString('en')} of ${total.toLocaleString('en')} events`;
  return phase === 'catching up' ? `catching up, ${total.toLocaleString('en')} events behind` : phase;
};

const barOf = (progress: RebuildProgress): string => {
  const { phase, events, total } = progress;
  const part = phase === 'folding' && total > 0 ? Math.min(1, events / total) : 1;
  const filled = Math.round(part * BAR);
  return `\r${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${lineOf(progress)}\u001B[K`;
};

export const rebuildCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
    if (positionals.length > 1) throw new UsageError('name one read model, or none for all');
    const wanted = chosen(positionals[0]);
    const { database, close } = await openForCommand(config);
    try {
      await rebuild(database.projector, wanted, { onProgress: showProgress(), threads: THREADS });
      say(`rebuilt ${wanted.flatMap(({ tables }) => tables.map(({ name }) => name)).join(', ')}`);
    } catch (error) {
      throw error instanceof RebuildFailed ? new CommandFailed(error.message) : error;
    } finally {
      await close();
    }
    return 0;
  },
};
