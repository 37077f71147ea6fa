import { readWanted } from '../log/read-states.ts';
import type { SyncRequest } from '../../shared/contract/sync.ts';
import type { PageOps } from './page-ops.ts';
import type { Reading } from './reading.ts';

type Wanted = NonNullable<SyncRequest['want']>[number];

const keyOf = ({ type, id }: Wanted): string => `${type}/${id}`;

/**
 * `enter` with the present state, or `leave` where there is nothing to see; as many as fit, at least one. False where
 * some did not: they are asked for again.
 */
export const sendWanted = async (reading: Reading, wanted: readonly Wanted[], page: PageOps): Promise<boolean> => {
  const refs = [...new Map(wanted.map((ref) => [keyOf(ref), ref])).values()];
  const asked = refs.slice(0, page.room()).map(({ id }) => id);
  const found = await readWanted(reading.client, reading.seen, asked);
  for (const { type, id } of refs) {
    const state = found.get(id);
    const op = state?.type === type ? state.op : JSON.stringify({ op: 'leave', stream: { type, id } });
    if (!page.add(op)) return false;
  }
  return true;
};
