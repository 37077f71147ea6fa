import { eventTypesOf } from '../src/shared/contract/events/registry.ts';
import { initialTeam, type TeamState } from '../src/shared/contract/events/team.ts';
import { projection, type Row, type Table } from './projection.ts';
import { copy, foldRecord, type RecordOf, type RecordState, rowMaker, type RecordTable, tableOf } from './record.ts';

const field = copy<TeamState>;

const spec: RecordTable<TeamState> = {
  name: 'team',
  comment: 'Teams. One row a team; who belongs to it is in team_member.',
  initial: initialTeam,
  columns: {
    name: field('name', 'text', 'The name of the team.'),
    parent_id: field('parentId', 'uuid', 'The team above it.'),
    deleted_at: field('deletedAt', 'timestamptz', 'When it was deleted; null in this view.'),
  },
  indexes: [],
  shown: 'deleted_at is null',
};

const memberTable: Table = {
  name: 'team_member',
  comment: 'Who belongs to which team. One row a membership.',
  columns: {
    team_id: { type: 'uuid not null', comment: 'The team.' },
    user_id: { type: 'uuid not null', comment: 'The user.' },
  },
  primaryKey: ['team_id', 'user_id'],
  indexes: ['user_id'],
};

/** None for a deleted team. */
const memberRows = ({ id, memberIds, deletedAt }: RecordOf<TeamState>): Row[] =>
  deletedAt === null ? memberIds.map((userId) => ({ team_id: id, user_id: userId })) : [];

export const team = projection<RecordState>({
  name: 'team',
  version: 1,
  tables: [tableOf(spec), memberTable],
  state: ['record', 'position'],
  stream: 'team',
  handles: eventTypesOf('team'),
  fold: (state, event) => ({ record: foldRecord(state?.record, event, spec.initial), position: event.position }),
  row: rowMaker(spec),
  rows: (state) => ({
    team_member: memberRows(state.record as unknown as RecordOf<TeamState>),
  }),
});
