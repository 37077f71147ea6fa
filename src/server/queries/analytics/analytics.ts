import type { Uuid } from '../../../shared/base/ids.ts';
import type { Access } from '../../access/access.ts';
import type { Principal } from '../../access/principal.ts';
import type { Columns } from '../../columns/columns.ts';
import type { WorkspacePool } from '../../database/workspace-pool.ts';
import type { AnalyticsFilter } from './filter.ts';
import { askInBaseCurrency } from './in-base-currency.ts';
import type { Metric } from './metric.ts';
import { questionOf } from './question.ts';
import { modelsOf } from '../sql.ts';
import { awaitOwnWrite, waitForPosition } from '../wait-for-position.ts';

export interface Analytics {
  /**
   * Answers a metric over what the principal may see.
   *
   * @param minPosition what the read models must have reached; 0: the user's own last write, or what they hold after a second
   * @throws Problem invalid_request, or projection_behind after 5 s
   */
  ask(principal: Principal, metric: Metric, filter: AnalyticsFilter, minPosition: number): Promise<object>;
}

export interface AnalyticsParts {
  readonly pool: WorkspacePool;
  readonly columns: Pick<Columns, 'for'>;
  readonly access: Access;
  /** How far the read models of a workspace have come. */
  readonly positionOf: (workspaceId: Uuid) => Promise<number>;
  readonly writtenBy: (principal: Principal) => number;
}

export const createAnalytics = ({ pool, columns, access, positionOf, writtenBy }: AnalyticsParts): Analytics => ({
  ask: async (principal, metric, filter, minPosition) => {
    const reached = () => positionOf(principal.workspaceId);
    // First, because the question itself reads the workspace's settings.
    if (minPosition > 0) await waitForPosition(reached, minPosition);
    else await awaitOwnWrite(reached, writtenBy(principal));
    const postgres = pool.for(principal.workspaceId);
    return access.read(principal, async (viewer) => {
      const question = await questionOf(postgres, viewer, filter);
      if (question.needs > minPosition) await waitForPosition(reached, question.needs);
      const copy = await columns.for(principal.workspaceId);
      return askInBaseCurrency(modelsOf(copy ?? postgres, postgres), metric, question);
    });
  },
});
