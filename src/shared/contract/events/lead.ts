import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { OpenConflict } from '../conflicts.ts';
import { customFieldWrites, each, eventsOf, recorded, together } from './definition.ts';
import * as field from './fields.ts';
import { ownerReferences, reference, type ContactMethod, type CustomFields } from './shared-state.ts';
import type { Shareable } from './sharing.ts';

export const LEAD_STATUSES = ['new', 'contacted', 'qualified', 'unqualified'] as const;
export const LEAD_PRIORITIES = ['low', 'normal', 'high'] as const;

/** Of these a lead has at least one, whatever order its changes arrive in (`merge.ts`). */
export const LEAD_NAMES = ['name', 'companyName'] as const;

export interface LeadState extends Shareable {
  readonly name: string | null;
  readonly companyName: string | null;
  readonly title: string | null;
  readonly emails: readonly ContactMethod[];
  readonly phones: readonly ContactMethod[];
  readonly source: string | null;
  readonly campaign: string | null;
  readonly status: (typeof LEAD_STATUSES)[number];
  readonly reason: string | null;
  readonly priority: (typeof LEAD_PRIORITIES)[number];
  readonly score: number | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly note: string | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  /** Set by LeadConverted; a converted lead takes no further change but deletion. */
  readonly convertedAt: string | null;
  readonly contactId: Uuid | null;
  readonly companyId: Uuid | null;
  readonly dealId: Uuid | null;
  readonly customFields: CustomFields;
  readonly conflicts: readonly OpenConflict[];
  readonly deletedAt: string | null;
}

export const initialLead: LeadState = {
  name: null,
  companyName: null,
  title: null,
  emails: [],
  phones: [],
  source: null,
  campaign: null,
  status: 'new',
  reason: null,
  priority: 'normal',
  score: null,
  amountMinor: null,
  currency: null,
  note: null,
  ownerId: null,
  teamId: null,
  convertedAt: null,
  contactId: null,
  companyId: null,
  dealId: null,
  customFields: {},
  shares: [],
  conflicts: [],
  deletedAt: null,
};

const define = eventsOf<LeadState>('lead');

const plain = {
  name: field.name,
  companyName: field.name,
  title: field.text(200),
  emails: field.contactMethods,
  phones: field.contactMethods,
  source: field.text(200),
  campaign: field.text(200),
  note: field.note,
};
const PLAIN = Object.keys(plain) as (keyof typeof plain)[];

export const leadEvents = {
  LeadCreated: define({
    creates: true,
    schema: z
      .strictObject({
        name: field.absentable(plain.name),
        companyName: field.absentable(plain.companyName),
        title: field.absentable(plain.title),
        emails: field.absentable(plain.emails),
        phones: field.absentable(plain.phones),
        source: field.absentable(plain.source),
        campaign: field.absentable(plain.campaign),
        note: field.absentable(plain.note),
        status: field.absentable(z.enum(LEAD_STATUSES)),
        priority: field.absentable(z.enum(LEAD_PRIORITIES)),
        ownerId: z.optional(z.nullable(field.id)),
        teamId: z.optional(z.nullable(field.id)),
        amountMinor: field.absentable(field.amountMinor),
        currency: field.absentable(field.currency),
        customFields: field.absentable(field.customFields),
      })
      .check(
        z.refine((data) => data.name !== undefined || data.companyName !== undefined, 'needs a name or a companyName'),
        z.refine(
          (data) => (data.amountMinor === undefined) === (data.currency === undefined),
          'amountMinor and currency go together',
        ),
      ),
    personal: ['name', 'title', 'emails', 'phones', 'note', 'customFields'],
    references: ownerReferences,
    writes: (data) => ({
      ...each(data, [...PLAIN, 'status', 'priority']),
      ...together('money', data, ['amountMinor', 'currency']),
      ...together('ownership', data, ['ownerId', 'teamId']),
      ...customFieldWrites(data.customFields),
    }),
  }),
  LeadDetailsChanged: define({
    schema: z.strictObject({
      name: field.clearable(plain.name),
      companyName: field.clearable(plain.companyName),
      title: field.clearable(plain.title),
      emails: field.clearableMethods,
      phones: field.clearableMethods,
      source: field.clearable(plain.source),
      campaign: field.clearable(plain.campaign),
      note: field.clearable(plain.note),
      amountMinor: field.clearable(field.amountMinor),
      currency: field.clearable(field.currency),
      customFields: field.clearable(field.customFields),
    }),
    personal: ['name', 'title', 'emails', 'phones', 'note', 'customFields'],
    writes: (data, state) => ({
      ...each(data, PLAIN),
      ...together('money', data, ['amountMinor', 'currency']),
      ...customFieldWrites(data.customFields, state.customFields),
    }),
  }),
  LeadStatusChanged: define({
    schema: z.strictObject({
      status: z.enum(LEAD_STATUSES),
      reason: field.absentable(field.reason),
      note: field.absentable(field.note),
    }),
    personal: ['note'],
    writes: (data) => ({ status: { status: data.status, reason: data.reason ?? null } }),
  }),
  LeadPriorityChanged: define({
    schema: z.strictObject({ priority: z.enum(LEAD_PRIORITIES) }),
    writes: (data) => each(data, ['priority']),
  }),
  LeadScored: define({
    schema: z.strictObject({
      score: z.int().check(z.minimum(-1_000_000), z.maximum(1_000_000)),
      model: field.absentable(field.text(100)),
    }),
    writes: (data) => each(data, ['score']),
  }),
  LeadAssigned: define({
    schema: z.strictObject({ ownerId: z.nullable(field.id), teamId: z.optional(z.nullable(field.id)) }),
    references: ownerReferences,
    writes: (data) => together('ownership', data, ['ownerId', 'teamId']),
  }),
  LeadDisqualified: define({
    schema: z.strictObject({ reason: field.reason, note: field.absentable(field.note) }),
    personal: ['note'],
    writes: (data) => ({ status: { status: 'unqualified', reason: data.reason } }),
  }),
  LeadRecycled: define({
    schema: z.strictObject({ status: field.absentable(z.enum(LEAD_STATUSES)), reason: field.absentable(field.reason) }),
    writes: (data) => ({ status: { status: data.status ?? 'new', reason: data.reason ?? null } }),
  }),
  LeadConverted: define({
    schema: z.strictObject({
      contactId: field.absentable(field.id),
      companyId: field.absentable(field.id),
      dealId: field.absentable(field.id),
    }),
    recorded: recorded<{ readonly convertedAt: string }>(),
    references: (data) => [
      ...reference('contact', 'contactId', data.contactId),
      ...reference('company', 'companyId', data.companyId),
      ...reference('deal', 'dealId', data.dealId),
    ],
    writes: (data) => ({
      conversion: {
        convertedAt: data.convertedAt,
        contactId: data.contactId ?? null,
        companyId: data.companyId ?? null,
        dealId: data.dealId ?? null,
      },
      status: { status: 'qualified', reason: null },
    }),
  }),
  LeadDeleted: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt } }),
  }),
  LeadRestored: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: () => ({ deletion: { deletedAt: null } }),
  }),
};
