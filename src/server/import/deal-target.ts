import { must } from '../../shared/base/assert.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { PipelineState } from '../../shared/contract/events/pipeline.ts';
import { derivedId } from '../access/derived-id.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { Mapping } from './mapping.ts';

interface TargetStage {
  readonly id: Uuid;
  readonly name: string;
  readonly kind: 'open' | 'won' | 'lost';
}

/** The pipeline that imported deals go into. */
export interface DealTarget {
  readonly pipelineId: Uuid;
  /** In their order; the first open one takes new deals. */
  readonly stages: readonly TargetStage[];
  /** Where deals stood before they were won or lost, if the mapping says it. */
  readonly closedFrom: TargetStage | undefined;
  /** To be made first: the data of its PipelineCreated. */
  readonly create: JsonObject | undefined;
}

interface PipelineRow {
  readonly stream_id: Uuid;
  readonly state: string;
}

/** Finds the mapping's pipeline by its name or plans to make it; without one, the workspace's first. */
export const findDealTarget = async (
  pool: WorkspacePool,
  workspaceId: Uuid,
  mapping: Mapping,
): Promise<Result<DealTarget, string>> => {
  const { rows } = await pool
    .for(workspaceId)
    .query<PipelineRow>(
      `select stream_id, state from stream where workspace_id = $1 and stream_type = 'pipeline' order by created_at, position`,
      [workspaceId],
    );
  const pipelines = rows.map((row) => ({ id: row.stream_id, state: JSON.parse(row.state) as PipelineState }));
  const wanted = mapping.pipeline;
  const found = pipelines.find(({ state }) => wanted === undefined || sameName(state.name ?? '', wanted.name));
  if (found !== undefined) {
    const stages = found.state.stages.filter((stage) => stage.archivedAt === null);
    return withClosedFrom({ pipelineId: found.id, stages, closedFrom: undefined, create: undefined }, mapping);
  }
  return wanted === undefined
    ? err('The workspace has no pipeline.')
    : withClosedFrom(planned(workspaceId, wanted), mapping);
};

const planned = (workspaceId: Uuid, wanted: NonNullable<Mapping['pipeline']>): DealTarget => {
  const pipelineId = derivedId(workspaceId, 'import', 'pipeline', wanted.name.toLowerCase());
  const stages = wanted.stages.map(({ name, kind }) => ({ id: derivedId(pipelineId, name.toLowerCase()), name, kind }));
  const proposed = wanted.stages.map(({ name, kind, probability }, index) => ({
    id: must(stages[index], 'a stage has an id').id,
    name,
    kind,
    ...(kind === 'open' ? { probabilityBp: Math.round((probability ?? 50) * 100) } : {}),
  }));
  return { pipelineId, stages, closedFrom: undefined, create: { name: wanted.name, stages: proposed } };
};

const withClosedFrom = (target: DealTarget, { closedFrom }: Mapping): Result<DealTarget, string> => {
  if (closedFrom === undefined) return ok(target);
  const stage = stageNamed(target, closedFrom);
  if (stage?.kind === 'open') return ok({ ...target, closedFrom: stage });
  const names = target.stages.map(({ name }) => name).join(', ');
  return err(`closedFrom: "${closedFrom}" is no open stage of the pipeline, which has ${names}.`);
};

export const stageNamed = (target: DealTarget, name: string): TargetStage | undefined =>
  target.stages.find((stage) => sameName(stage.name, name));

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
