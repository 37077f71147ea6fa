import { parseArgs } from 'node:util';
import type { Pool } from 'pg';
import type { Projection } from '../../projections/projection.ts';
import { projections } from '../../projections/registry.ts';
import { THREADS } from '../server/projector/fold-ranges.ts';
import { RebuildFailed } from '../server/projector/rebuild-failed.ts';
import { dropOldVersions } from '../server/projector/old-versions.ts';
import { rebuildStatus, type RebuildStatus, wantRebuild } from '../server/projector/rebuild-control.ts';
import { discardRebuild, rebuild, type RebuildProgress } from '../server/projector/rebuild.ts';
import { type Command, CommandFailed, say, UsageError } from './command.ts';
import { openForCommand } from './open-database.ts';

const USAGE = `leadzen rebuild [read model | --status | --pause | --resume | --cancel | --drop-old]

Builds read models anew from the log, all of them or the one that is named, and puts
them into the place of the present ones when they have caught up. A server may run
meanwhile and goes on answering. Ended at any moment, it changes nothing: started
again it goes on where it was. An event that cannot be folded ends it and is named.

  --status    how far a rebuild is, here or in another process
  --pause     it ends after what is being folded, and can be resumed
  --resume    goes on with one that was paused or cut short
  --cancel    it ends, and what it made is thrown away
  --drop-old  drops the tables of versions that no server uses any more

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

const statusLine = (status: RebuildStatus | undefined): string => {
  if (status === undefined) return 'no rebuild is under way';
  const { phase, wanted, running, eventsDone, events, secondsLeft } = status;
  const part = `${eventsDone.toLocaleString('en')} of ${events.toLocaleString('en')} events`;
  const left = secondsLeft === null || !running ? '' : `, about ${Math.ceil(secondsLeft)} s of folding left`;
  const state = running ? wanted : `${wanted === 'running' ? 'cut short' : wanted}: leadzen rebuild --resume`;
  return `${phase}, ${part}${left} (${state})`;
};

const nothing = (): undefined => {
  say('no rebuild is under way');
};

/** What each option does; the read models to rebuild, where that comes next. */
const ORDERS = {
  status: async (pool: Pool) => {
    say(statusLine(await rebuildStatus(pool)));
  },
  pause: async (pool: Pool) => {
    if ((await wantRebuild(pool, 'paused')) === undefined) return nothing();
    say('it pauses after what is being folded; leadzen rebuild --resume goes on');
  },
  resume: async (pool: Pool) => (await wantRebuild(pool, 'running')) ?? nothing(),
  cancel: async (pool: Pool) => {
    const canceled = await wantRebuild(pool, 'canceled');
    if (canceled === undefined) return nothing();
    if ((await rebuildStatus(pool))?.running !== true) await discardRebuild(pool, canceled);
    say('canceled; the present read models serve on');
  },
  'drop-old': async (pool: Pool) => {
    const dropped = await dropOldVersions(pool, projections);
    say(dropped.length === 0 ? 'there is nothing to drop' : `dropped ${dropped.join(', ')}`);
  },
} satisfies Record<string, (pool: Pool) => Promise<readonly Projection[] | undefined | void>>;

const OPTIONS = {
  status: { type: 'boolean' },
  pause: { type: 'boolean' },
  resume: { type: 'boolean' },
  cancel: { type: 'boolean' },
  'drop-old': { type: 'boolean' },
} as const;

export const rebuildCommand: Command = {
  usage: USAGE,
  run: async (args, config) => {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const [order, ...more] = Object.keys(values) as (keyof typeof ORDERS)[];
    if (more.length + positionals.length > (order === undefined ? 1 : 0))
      throw new UsageError('name one read model or one option, or none for all');
    const { database, close } = await openForCommand(config);
    try {
      const wanted = order === undefined ? chosen(positionals[0]) : await ORDERS[order](database.projector);
      if (wanted === undefined) return 0;
      await wantRebuild(database.projector, 'running');
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
