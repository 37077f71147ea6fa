import { parseArgs } from 'node:util';
import { projections } from '../../projections/registry.ts';
import { isUuid } from '../shared/base/ids.ts';
import { retryParked } from '../server/projector/parked-streams.ts';
import { parkedStreams, projectionStatus, type ProjectionStatus } from '../server/projector/projection-status.ts';
import { type Command, say, UsageError } from './command.ts';
import { openForCommand } from './open-database.ts';

const HEAD = ['read model', 'version', 'behind', 'events', 'seconds', 'parked'];

const line = (cells: readonly string[]): string =>
  cells.map((cell, column) => (column === 0 ? cell.padEnd(24) : cell.padStart(10))).join('');

const rowOf = (status: ProjectionStatus): string =>
  line([
    status.name,
    String(status.version),
    status.behind.toLocaleString('en'),
    status.lagEvents.toLocaleString('en'),
    status.lagSeconds.toFixed(1),
    String(status.parkedStreams),
  ]);

const retryOf = (positionals: readonly string[]) => {
  const [projection, streamId, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError('name one read model and one of its streams, or less');
  if (projection !== undefined && !projections.some(({ name }) => name === projection))
    throw new UsageError(`there is no read model "${projection}": ${projections.map(({ name }) => name).join(', ')}`);
  if (streamId !== undefined && !isUuid(streamId)) throw new UsageError(`"${String(streamId)}" is no id of a stream`);
  return { projection, streamId };
};

export const projectionsCommand: Command = {
  usage: `leadzen projections [--parked | --retry [read model [stream]]]

Says how far each read model is, over all workspaces: how many are behind, and where
it is worst by how many events and seconds. --parked lists the streams that a read
model cannot fold, with the error; they stand still there and nothing else does.
--retry folds them anew after a fix (servers do so by themselves every 10 minutes).`,
  run: async (args, config) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { parked: { type: 'boolean' }, retry: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (values.retry !== true && positionals.length > 0) throw new UsageError('a name goes with --retry');
    const choice = retryOf(positionals);
    const { database, close } = await openForCommand(config);
    try {
      if (values.retry === true) {
        const { freed, parked } = await retryParked(database.projector, projections, choice);
        say(`folded anew: ${freed} free, ${parked} still parked`);
        return parked === 0 ? 0 : 1;
      }
      if (values.parked === true) {
        const parked = await parkedStreams(database.projector);
        for (const { projection, streamType, streamId, workspaceId, ...stream } of parked) {
          say(`${projection}  ${streamType ?? 'stream'} ${streamId}  of workspace ${workspaceId}`);
          say(
            `  at position ${stream.position}, tried ${stream.attempts} times since ${stream.since}: ${stream.error}`,
          );
        }
        if (parked.length === 0) say('no stream is parked');
        return 0;
      }
      say(line(HEAD));
      for (const status of await projectionStatus(database.projector)) say(rowOf(status));
    } finally {
      await close();
    }
    return 0;
  },
};
