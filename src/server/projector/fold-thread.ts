import { parentPort, workerData } from 'node:worker_threads';
import { projections } from '../../../projections/registry.ts';
import { must } from '../../shared/base/assert.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { openDatabase } from '../database/pool.ts';
import { messageOf } from './fold-events.ts';
import { foldRange } from './fold-range.ts';
import { RebuildFailed } from './rebuild-failed.ts';
import type { StreamRange } from './stream-ranges.ts';
import type { Suffix } from './tables.ts';

/** What a thread that helps with a rebuild is started with; then it is sent one range after the other. */
export interface FoldThreadData {
  readonly url: string;
  /** Of projections in the registry. */
  readonly names: readonly string[];
  readonly heads: ReadonlyMap<Uuid, number>;
  readonly suffix: Suffix;
}

export type FoldAnswer =
  | { readonly kind: 'folded'; readonly events: number }
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

const port = must(parentPort, 'this file is the entry of a worker thread');
const { url, names, heads, suffix } = workerData as FoldThreadData;
const { projector: pool } = openDatabase(url, { projectorConnections: 2 });
const folding = { pool, heads, suffix, projections: projections.filter(({ name }) => names.includes(name)) };

const answer = async (range: StreamRange): Promise<FoldAnswer> => {
  try {
    return { kind: 'folded', events: await foldRange(folding, range) };
  } catch (error) {
    return { kind: error instanceof RebuildFailed ? 'refused' : 'failed', message: messageOf(error) };
  }
};

port.on('message', (range: StreamRange) => void answer(range).then((told) => port.postMessage(told)));
