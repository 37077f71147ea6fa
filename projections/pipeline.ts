import { initialPipeline, type PipelineState } from '../src/shared/contract/events/pipeline.ts';
import { eventTypesOf } from '../src/shared/contract/events/registry.ts';
import { projection, type Row, type Table } from './projection.ts';
import { copy, foldRecord, type RecordOf, type RecordState, rowMaker, type RecordTable, tableOf } from './record.ts';

const spec: RecordTable<PipelineState> = {
  name: 'pipeline',
  comment: 'Pipelines. One row a pipeline; their stages are in pipeline_stage.',
  initial: initialPipeline,
  columns: { name: copy<PipelineState>('name', 'text', 'The name of the pipeline.') },
  indexes: [],
};

const stageTable: Table = {
  name: 'pipeline_stage',
  comment: 'The stages of every pipeline. One row a stage.',
  columns: {
    pipeline_id: { type: 'uuid not null', comment: 'The pipeline.' },
    stage_id: { type: 'uuid not null', comment: 'The stage.' },
    ordinal: { type: 'integer not null', comment: 'Its place in the order, from 1.' },
    name: { type: 'text not null', comment: 'Its name.' },
    kind: { type: 'text not null', comment: 'open, won or lost.' },
    probability_bp: {
      type: 'integer not null',
      comment: 'The probability of its deals in basis points: 2500 is 25 %.',
    },
    rotten_after_days: { type: 'integer', comment: 'A deal that stays longer is rotten; null: never.' },
    archived_at: { type: 'timestamptz', comment: 'When it was archived; null: it is in use.' },
  },
  primaryKey: ['pipeline_id', 'stage_id'],
  indexes: [],
};

const stageRows = ({ id, stages }: RecordOf<PipelineState>): Row[] =>
  stages.map((stage, index) => ({
    pipeline_id: id,
    stage_id: stage.id,
    ordinal: index + 1,
    name: stage.name,
    kind: stage.kind,
    probability_bp: stage.probabilityBp,
    rotten_after_days: stage.rottenAfterDays,
    archived_at: stage.archivedAt,
  }));

export const pipeline = projection<RecordState>({
  name: 'pipeline',
  version: 1,
  tables: [tableOf(spec), stageTable],
  state: ['record', 'position'],
  stream: 'pipeline',
  handles: eventTypesOf('pipeline'),
  fold: (state, event) => ({ record: foldRecord(state?.record, event, spec.initial), position: event.position }),
  row: rowMaker(spec),
  rows: (state) => ({
    pipeline_stage: stageRows(state.record as unknown as RecordOf<PipelineState>),
  }),
});
