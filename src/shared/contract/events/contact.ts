import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { OpenConflict } from '../conflicts.ts';
import { customFieldWrites, each, eventsOf, recorded, together } from './definition.ts';
import * as field from './fields.ts';
import { ownerReferences, reference, type ContactMethod, type CustomFields } from './shared-state.ts';
import type { Shareable } from './sharing.ts';

export const CONSENT_CHANNELS = ['email', 'phone', 'sms', 'post'] as const;
export const CONSENT_STATUSES = ['granted', 'denied', 'unknown'] as const;

/** `basis` is the legal one: contract, legitimate interest, a form that was signed. */
export type Consent = Readonly<{
  status: (typeof CONSENT_STATUSES)[number];
  purpose: string | null;
  basis: string | null;
}>;

export interface ContactState extends Shareable {
  readonly name: string | null;
  readonly title: string | null;
  readonly emails: readonly ContactMethod[];
  readonly phones: readonly ContactMethod[];
  readonly companyId: Uuid | null;
  readonly companyRole: string | null;
  /** By channel. */
  readonly consents: Readonly<Record<string, Consent>>;
  readonly sourceLeadId: Uuid | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  /** Contacts that this one took in. */
  readonly absorbedIds: readonly Uuid[];
  /** The contact that took this one in; such a contact is deleted. */
  readonly mergedIntoId: Uuid | null;
  readonly customFields: CustomFields;
  readonly conflicts: readonly OpenConflict[];
  readonly deletedAt: string | null;
}

export const initialContact: ContactState = {
  name: null,
  title: null,
  emails: [],
  phones: [],
  companyId: null,
  companyRole: null,
  consents: {},
  sourceLeadId: null,
  ownerId: null,
  teamId: null,
  absorbedIds: [],
  mergedIntoId: null,
  customFields: {},
  shares: [],
  conflicts: [],
  deletedAt: null,
};

const define = eventsOf<ContactState>('contact');
const PLAIN = ['name', 'title', 'emails', 'phones'] as const;
const PERSONAL = ['name', 'title', 'emails', 'phones', 'customFields'];

const details = {
  name: z.optional(field.name),
  title: field.clearable(field.text(200)),
  emails: field.clearableMethods,
  phones: field.clearableMethods,
  customFields: field.clearable(field.customFields),
};

export const contactEvents = {
  ContactCreated: define({
    creates: true,
    schema: z.strictObject({
      name: field.name,
      title: field.absentable(field.text(200)),
      emails: field.absentable(field.contactMethods),
      phones: field.absentable(field.contactMethods),
      companyId: field.absentable(field.id),
      ownerId: z.optional(z.nullable(field.id)),
      teamId: z.optional(z.nullable(field.id)),
      sourceLeadId: field.absentable(field.id),
      customFields: field.absentable(field.customFields),
    }),
    personal: PERSONAL,
    references: (data) => [
      ...ownerReferences(data),
      ...reference('company', 'companyId', data.companyId),
      ...reference('lead', 'sourceLeadId', data.sourceLeadId),
    ],
    writes: (data) => ({
      ...each(data, [...PLAIN, 'sourceLeadId']),
      ...together('company', data, ['companyId']),
      ...together('ownership', data, ['ownerId', 'teamId']),
      ...customFieldWrites(data.customFields),
    }),
  }),
  ContactDetailsChanged: define({
    schema: z.strictObject(details),
    personal: PERSONAL,
    writes: (data, state) => ({ ...each(data, PLAIN), ...customFieldWrites(data.customFields, state.customFields) }),
  }),
  ContactLinkedToCompany: define({
    schema: z.strictObject({ companyId: field.id, role: field.absentable(field.text(200)) }),
    references: (data) => reference('company', 'companyId', data.companyId),
    writes: (data) => ({ company: { companyId: data.companyId, companyRole: data.role ?? null } }),
  }),
  ContactUnlinkedFromCompany: define({
    schema: z.strictObject({ companyId: field.id }),
    writes: () => ({ company: { companyId: null, companyRole: null } }),
  }),
  ContactConsentChanged: define({
    schema: z.strictObject({
      channel: z.enum(CONSENT_CHANNELS),
      status: z.enum(CONSENT_STATUSES),
      purpose: field.absentable(field.text(200)),
      basis: field.absentable(field.text(200)),
    }),
    writes: ({ channel, status, purpose = null, basis = null }, state) => ({
      [`consents/${channel}`]: { consents: { ...state.consents, [channel]: { status, purpose, basis } } },
    }),
  }),
  ContactAssigned: define({
    schema: z.strictObject({ ownerId: z.nullable(field.id), teamId: z.optional(z.nullable(field.id)) }),
    references: ownerReferences,
    writes: (data) => together('ownership', data, ['ownerId', 'teamId']),
  }),
  /** The survivor's side: the fields it takes over, and in `taken` the ones among them that came from the absorbed contact. */
  ContactMerged: define({
    schema: z.strictObject({
      absorbedId: field.id,
      ...details,
      taken: z.optional(z.array(field.text(100)).check(z.maxLength(100))),
    }),
    personal: PERSONAL,
    references: (data) => reference('contact', 'absorbedId', data.absorbedId),
    writes: (data, state) => ({
      [`absorbedIds/${data.absorbedId}`]: {
        absorbedIds: [...state.absorbedIds.filter((id) => id !== data.absorbedId), data.absorbedId],
      },
      ...each(data, PLAIN),
      ...customFieldWrites(data.customFields, state.customFields),
    }),
  }),
  /** The absorbed side, in one group with the survivor's. */
  ContactMergedInto: define({
    schema: z.strictObject({ survivorId: field.id }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    references: (data) => reference('contact', 'survivorId', data.survivorId),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt, mergedIntoId: data.survivorId } }),
  }),
  ContactDeleted: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt } }),
  }),
  ContactRestored: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: () => ({ deletion: { deletedAt: null, mergedIntoId: null } }),
  }),
};
