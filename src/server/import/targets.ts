import type { StreamType } from '../../shared/contract/streams.ts';

/** What can be imported, as the route and the command line name it. */
export const IMPORT_TYPES = ['leads', 'contacts', 'companies', 'deals', 'activities'] as const;
export type ImportType = (typeof IMPORT_TYPES)[number];

export const STREAM_OF: Readonly<Record<ImportType, StreamType>> = {
  leads: 'lead',
  contacts: 'contact',
  companies: 'company',
  deals: 'deal',
  activities: 'activity',
};

/**
 * How the text of a cell is read. `text` as it is · `instant` a day or time, as ISO 8601 UTC · `day` a calendar day ·
 * `money` a decimal number of the major unit · `list` several values between semicolons · `id` a UUID.
 */
export type CellKind = 'text' | 'instant' | 'day' | 'money' | 'list' | 'id' | 'number';

// Ids go before names where a row has both.
const owned = { createdAt: 'instant', ownerName: 'text', ownerId: 'id', teamPath: 'text', teamId: 'id' } as const;
const paid = { amount: 'money', amountMinor: 'number', currency: 'text' } as const;

/** The fields that a column may be mapped to, by type; `customFields.<key>` comes on top, except for activities. */
export const TARGETS = {
  leads: {
    ...owned,
    name: 'text',
    companyName: 'text',
    title: 'text',
    emails: 'list',
    phones: 'list',
    source: 'text',
    campaign: 'text',
    note: 'text',
    status: 'text',
    priority: 'text',
    ...paid,
  },
  contacts: { ...owned, name: 'text', title: 'text', emails: 'list', phones: 'list', companyName: 'text' },
  companies: {
    ...owned,
    name: 'text',
    domain: 'text',
    industry: 'text',
    size: 'number',
    address: 'text',
    parentName: 'text',
  },
  deals: {
    ...owned,
    name: 'text',
    stage: 'text',
    ...paid,
    expectedCloseDate: 'day',
    closedAt: 'instant',
    reason: 'text',
    competitor: 'text',
    source: 'text',
    forecastCategory: 'text',
    companyName: 'text',
  },
  activities: {
    createdAt: 'instant',
    ownerName: 'text',
    ownerId: 'id',
    kind: 'text',
    aboutType: 'text',
    aboutId: 'id',
    aboutName: 'text',
    subject: 'text',
    body: 'text',
    direction: 'text',
    outcome: 'text',
    dueAt: 'instant',
    endedAt: 'instant',
    completedAt: 'instant',
    durationSec: 'number',
  },
} as const satisfies Readonly<Record<ImportType, Readonly<Record<string, CellKind>>>>;

/** What people call some of the fields. */
const ALIASES: Readonly<Record<string, string>> = { email: 'emails', phone: 'phones', company: 'companyName' };

/** The field that a name means: `emails` for `email`. */
export const fieldNamed = (type: ImportType, name: string): string => {
  const meant = Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? name) : name;
  return cellKindOf(type, meant) === undefined ? name : meant;
};

const CUSTOM = /^customFields\.[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** How to read cells for a field, or undefined where the type has no such field. */
export const cellKindOf = (type: ImportType, field: string): CellKind | undefined => {
  if (CUSTOM.test(field)) return type === 'activities' ? undefined : 'text';
  return Object.hasOwn(TARGETS[type], field) ? (TARGETS[type] as Readonly<Record<string, CellKind>>)[field] : undefined;
};
