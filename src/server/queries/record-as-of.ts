import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { occurrence } from '../../shared/contract/occurrence.ts';
import { foldStream } from '../../shared/domain/merge.ts';
import type { Viewer } from '../access/access.ts';
import { momentOf } from './moment-text.ts';
import { positionAt } from './moment.ts';
import type { Runner } from './sql.ts';
import { findRecord, recordOf } from './stored-record.ts';
import { streamEvents } from '../log/stream-events.ts';

/**
 * A record as the server knew it at a past moment, folded from its log: what was recorded strictly before a time, or at or
 * below a position. Undefined where it was not there yet or is not to be seen now.
 */
export const recordAsOf = async (
  runner: Runner,
  viewer: Viewer,
  { type, id }: { readonly type: StreamType; readonly id: Uuid },
  asOf: string,
): Promise<JsonObject | undefined> => {
  const { workspaceId } = viewer;
  const position = await positionAt(runner, workspaceId, await momentOf(runner, workspaceId, asOf));
  if ((await findRecord(runner, viewer, type, id)) === undefined) return undefined;
  const events = await streamEvents(runner, workspaceId, { type, id }, { position });
  const folded = foldStream(events);
  const [first, last] = [events[0], events.at(-1)];
  if (folded === undefined || first === undefined || last === undefined) return undefined;
  const createdAt = occurrence(first.clock, first.recordedAt);
  return recordOf(folded.state, { id, version: folded.version, createdAt, updatedAt: last.recordedAt });
};
