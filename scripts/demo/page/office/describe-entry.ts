import type { Json, JsonObject } from '../../../../src/shared/base/json.ts';
import { day, moneyOf, plain } from '../format.ts';
import { fieldLabel } from '../labels.ts';
import type { Directory } from './directory.ts';
import type { LogEntry } from './log-entry.ts';

/** What an entry says, for people. */
export interface EntryText {
  /** The record: `Milk-line analyser`. */
  readonly record: string;
  /** What happened to it: `amount → €64,000`. */
  readonly what: string;
}

/** Fields that say nothing beside the others: the rules added them. */
const SILENT = new Set([
  'pipelineId',
  'probabilityBp',
  'currency',
  'teamId',
  'index',
  'kind',
  'outcome',
  'fromStageId',
]);

const asText = (field: string, value: Json | undefined, data: JsonObject, names: Directory): string => {
  if (value === null || value === undefined) return 'nobody';
  if (field === 'amountMinor') return moneyOf(data);
  if (field === 'expectedCloseDate') return day(plain(value));
  if (typeof value === 'string') return names.get(value) ?? value;
  return typeof value === 'object' ? '…' : String(value);
};

const shownFields = (data: JsonObject) => Object.entries(data).filter(([field]) => !SILENT.has(field));

/** `amount → €64,000, stage → Proposal`. */
const fieldsText = (data: JsonObject, names: Directory): string =>
  shownFields(data)
    .map(([field, value]) => `${fieldLabel(field)} → ${asText(field, value, data, names)}`)
    .join(', ');

const aboutOf = (data: JsonObject): string | undefined =>
  (data['about'] as { readonly id?: string } | undefined)?.id ?? undefined;

const fieldsIn = (data: JsonObject, key: string): JsonObject => (data[key] ?? {}) as JsonObject;

const conflictText = (data: JsonObject, names: Directory): string => {
  const proposed = fieldsIn(data, 'proposed');
  const values = shownFields(proposed).map(([field, value]) => asText(field, value, proposed, names));
  return `asks: ${fieldsText(fieldsIn(data, 'current'), names)} or ${values.join(', ')}?`;
};

const settledText = (data: JsonObject, names: Directory): string => {
  const settled: JsonObject = Object.assign({}, ...Object.values(fieldsIn(data, 'writes')));
  return [`settled: ${plain(data['choice'])}`, fieldsText(settled, names)].filter(Boolean).join(', ');
};

const whatOf = ({ type, data }: LogEntry, names: Directory): string => {
  if (type === 'ConflictRaised') return conflictText(data, names);
  if (type === 'ConflictResolved') return settledText(data, names);
  if (type === 'StageArchived') return `${names.get(plain(data['stageId'])) ?? 'a stage'} is out of use`;
  if (type === 'StageAdded') return `new stage ${plain(data['name'])}`;
  if (type === 'NoteAdded') return `note: ${plain(data['body'])}`;
  if (type === 'DealWon') return `won, ${moneyOf(data)}`;
  if (type === 'DealCreated') return `created, ${moneyOf(data)}`;
  if (type.endsWith('Created') || type === 'UserInvited') return 'created';
  if (type.endsWith('Deleted')) return 'deleted';
  return fieldsText(data, names);
};

export const describeEntry = (entry: LogEntry, names: Directory): EntryText => ({
  record: names.get(aboutOf(entry.data) ?? entry.stream.id) ?? entry.stream.type,
  what: whatOf(entry, names) || entry.type,
});
