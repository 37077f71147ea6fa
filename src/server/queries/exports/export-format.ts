import { csvCell } from '../../../shared/base/csv-cell.ts';
import type { Json, JsonObject } from '../../../shared/base/json.ts';
import { initialActivity } from '../../../shared/contract/events/activity.ts';
import { initialCompany } from '../../../shared/contract/events/company.ts';
import { initialContact } from '../../../shared/contract/events/contact.ts';
import { initialDeal } from '../../../shared/contract/events/deal.ts';
import { initialLead } from '../../../shared/contract/events/lead.ts';
import { initialPipeline } from '../../../shared/contract/events/pipeline.ts';
import { initialForecast } from '../../../shared/contract/events/forecast.ts';
import { initialQuota } from '../../../shared/contract/events/quota.ts';
import { initialRate } from '../../../shared/contract/events/rate.ts';
import type { ListName } from '../list-fields.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What follows the rows: whoever misses it has not got everything. */
export interface Manifest {
  readonly rows: number;
  /** Of the log: the rows are what everything at or below it made. */
  readonly position: number;
  /** Hex, of every byte before the manifest. */
  readonly sha256: string;
}

/** How the lines of a file are made; a record comes as the JSON text that REST serves. */
export interface Lines {
  readonly mediaType: string;
  readonly head: string;
  readonly row: (record: string) => string;
  readonly tail: (manifest: Manifest) => string;
}

const INITIAL: Readonly<Record<ListName, object>> = {
  leads: initialLead,
  contacts: initialContact,
  companies: initialCompany,
  deals: initialDeal,
  activities: initialActivity,
  pipelines: initialPipeline,
  'exchange-rates': initialRate,
  quotas: initialQuota,
  forecasts: initialForecast,
};

/** The fields of a record in the order of its columns; they only ever grow. */
const columnsOf = (type: ListName): string[] => [
  ...new Set(['id', ...Object.keys(INITIAL[type]), 'version', 'createdAt', 'updatedAt']),
];

/** Numbers and words stand for themselves; only text may look like a formula. */
const cellOf = (value: Json | undefined): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return csvCell(value);
  return typeof value === 'object' ? csvCell(JSON.stringify(value)) : String(value);
};

const csvLines = (type: ListName): Lines => {
  const columns = columnsOf(type);
  return {
    mediaType: 'text/csv; charset=utf-8; header=present',
    head: `${columns.join(',')}\r\n`,
    row: (text) => {
      const record = JSON.parse(text) as JsonObject;
      return `${columns.map((column) => cellOf(record[column])).join(',')}\r\n`;
    },
    tail: ({ rows, position, sha256 }) => `#manifest,rows,${rows},position,${position},sha256,${sha256}\r\n`,
  };
};

const NDJSON: Lines = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  head: '',
  row: (text) => `${text}\n`,
  tail: (manifest) => `${JSON.stringify({ manifest })}\n`,
};

export const linesOf = (type: ListName, format: ExportFormat): Lines => (format === 'csv' ? csvLines(type) : NDJSON);
