import type { Connections } from '../server/database/workspace-pool.ts';
import { positionAt } from '../server/queries/moment.ts';
import { isPosition, momentOf } from '../server/queries/moment-text.ts';
import { fits } from '../server/queries/parameters.ts';
import type { Uuid } from '../shared/base/ids.ts';
import { UsageError } from './command.ts';

/** The schema of a moment that nobody named: `as_of_2026_01_31`. */
export const schemaOf = (to: string): string =>
  isPosition(to) ? `as_of_position_${Number(to)}` : `as_of_${to.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;

const RECORDED = 'select recorded_at as moment from event where workspace_id = $1 and position = $2';

/**
 * The position that a text means, and the time that it was then: of a position, when it was recorded.
 *
 * @throws Problem where the moment has not come yet
 */
export const momentToReplay = async (
  connections: Connections,
  workspaceId: Uuid,
  to: string,
): Promise<{ readonly position: number; readonly moment: string }> => {
  if (!isPosition(to) && !fits.instant(to) && !fits.date(to)) {
    throw new UsageError('--to is a position of the log, a time such as 2026-01-31T12:00:00Z, or a day: 2026-01-31');
  }
  const asOf = await momentOf(connections, workspaceId, to);
  const position = await positionAt(connections, workspaceId, asOf);
  if ('time' in asOf) return { position, moment: new Date(asOf.time).toISOString() };
  const { rows } = await connections.query<{ moment: string }>(RECORDED, [workspaceId, position]);
  return { position, moment: rows[0]?.moment ?? new Date(0).toISOString() };
};
