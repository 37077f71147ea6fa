import { sql } from 'kysely';
import type { Fragment } from './sql.ts';

/**
 * The version of each read model that these queries were written for. Named here and not asked of the registry, so that
 * servers of two versions serve side by side while the newer read model is being built.
 */
const VERSIONS = {
  lead: 3,
  lead_history: 3,
  contact: 1,
  company: 1,
  deal: 3,
  deal_stage_visit: 3,
  deal_history: 3,
  activity: 3,
  activity_history: 3,
  pipeline: 1,
  pipeline_stage: 1,
  pipeline_board: 3,
  sales_metrics: 3,
  app_user: 1,
  team: 1,
  team_member: 1,
  workspace: 1,
  exchange_rate: 1,
  quota: 1,
  forecast_submission: 1,
} as const;
export type ReadModelTable = keyof typeof VERSIONS;

/** The physical table of a read model. */
export const readModel = (table: ReadModelTable): Fragment => sql.table(`read_model.${table}_v${VERSIONS[table]}`);
