import { isPatchable } from '../resources/bodies.ts';
import { RESOURCES, type ResourceName } from '../resources/changes.ts';
import { isRevertible } from '../resources/revert-record.ts';
import { requireSession } from './authenticated.ts';
import { addConflicts } from './conflict-routes.ts';
import { addDealMoves } from './deal-routes.ts';
import { addConversion } from './lead-routes.ts';
import type { AppParts } from './parts.ts';
import { addReads } from './resource-reads.ts';
import { addChanges, addCreation, addDeletion, addReversion } from './resource-writes.ts';
import { addShares } from './share-routes.ts';
import type { App } from './zod-schemas.ts';

/** The records that people work on: leads, contacts, companies, deals, activities, pipelines, rates, quotas, forecasts. */
export const resourceRoutes =
  ({ auth, reads, writes }: Pick<AppParts, 'auth' | 'reads' | 'writes'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    for (const name of Object.keys(RESOURCES) as ResourceName[]) {
      addReads(app, name, reads);
      addCreation(app, name, writes);
      if (isPatchable(name)) addChanges(app, name, writes);
      addDeletion(app, name, writes);
      if (isRevertible(name)) addReversion(app, name, writes);
    }
    addConversion(app, writes);
    addDealMoves(app, writes);
    addConflicts(app, reads, writes);
    addShares(app, writes);
  };
