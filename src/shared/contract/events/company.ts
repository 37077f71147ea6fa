import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import type { OpenConflict } from '../conflicts.ts';
import { customFieldWrites, each, eventsOf, recorded, together } from './definition.ts';
import * as field from './fields.ts';
import { ownerReferences, reference, type CustomFields } from './shared-state.ts';
import type { Shareable } from './sharing.ts';

export interface CompanyState extends Shareable {
  readonly name: string | null;
  readonly domain: string | null;
  readonly industry: string | null;
  /** A number of people, or a range like `51-200`. */
  readonly size: number | string | null;
  readonly address: string | null;
  readonly parentId: Uuid | null;
  readonly ownerId: Uuid | null;
  readonly teamId: Uuid | null;
  /** Companies that this one took in. */
  readonly absorbedIds: readonly Uuid[];
  /** The company that took this one in; such a company is deleted. */
  readonly mergedIntoId: Uuid | null;
  readonly customFields: CustomFields;
  readonly conflicts: readonly OpenConflict[];
  readonly deletedAt: string | null;
}

export const initialCompany: CompanyState = {
  name: null,
  domain: null,
  industry: null,
  size: null,
  address: null,
  parentId: null,
  ownerId: null,
  teamId: null,
  absorbedIds: [],
  mergedIntoId: null,
  customFields: {},
  shares: [],
  conflicts: [],
  deletedAt: null,
};

const define = eventsOf<CompanyState>('company');
const PLAIN = ['name', 'domain', 'industry', 'size', 'address'] as const;

const plain = {
  domain: field.text(253),
  industry: field.text(200),
  size: z.union([z.int().check(z.minimum(0)), field.text(50)]),
  address: field.text(1000),
};
const details = {
  name: field.absentable(field.name),
  domain: field.clearable(plain.domain),
  industry: field.clearable(plain.industry),
  size: field.clearable(plain.size),
  address: field.clearable(plain.address),
  customFields: field.clearable(field.customFields),
};

export const companyEvents = {
  CompanyCreated: define({
    creates: true,
    schema: z.strictObject({
      name: field.name,
      domain: field.absentable(plain.domain),
      industry: field.absentable(plain.industry),
      size: field.absentable(plain.size),
      address: field.absentable(plain.address),
      parentId: field.absentable(field.id),
      ownerId: z.optional(z.nullable(field.id)),
      teamId: z.optional(z.nullable(field.id)),
      customFields: field.absentable(field.customFields),
    }),
    references: (data) => [...ownerReferences(data), ...reference('company', 'parentId', data.parentId)],
    writes: (data) => ({
      ...each(data, [...PLAIN, 'parentId']),
      ...together('ownership', data, ['ownerId', 'teamId']),
      ...customFieldWrites(data.customFields),
    }),
  }),
  CompanyDetailsChanged: define({
    schema: z.strictObject(details),
    writes: (data, state) => ({ ...each(data, PLAIN), ...customFieldWrites(data.customFields, state.customFields) }),
  }),
  CompanyParentChanged: define({
    schema: z.strictObject({ parentId: z.nullable(field.id) }),
    references: (data) => reference('company', 'parentId', data.parentId),
    writes: (data) => each(data, ['parentId']),
  }),
  CompanyAssigned: define({
    schema: z.strictObject({ ownerId: z.nullable(field.id), teamId: z.optional(z.nullable(field.id)) }),
    references: ownerReferences,
    writes: (data) => together('ownership', data, ['ownerId', 'teamId']),
  }),
  /** The survivor's side: the fields it takes over, and in `taken` the ones among them that came from the absorbed company. */
  CompanyMerged: define({
    schema: z.strictObject({
      absorbedId: field.id,
      ...details,
      taken: field.absentable(z.array(field.text(100)).check(z.maxLength(100))),
    }),
    references: (data) => reference('company', 'absorbedId', data.absorbedId),
    writes: (data, state) => ({
      [`absorbedIds/${data.absorbedId}`]: {
        absorbedIds: [...state.absorbedIds.filter((id) => id !== data.absorbedId), data.absorbedId],
      },
      ...each(data, PLAIN),
      ...customFieldWrites(data.customFields, state.customFields),
    }),
  }),
  /** The absorbed side, in one group with the survivor's. */
  CompanyMergedInto: define({
    schema: z.strictObject({ survivorId: field.id }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    references: (data) => reference('company', 'survivorId', data.survivorId),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt, mergedIntoId: data.survivorId } }),
  }),
  CompanyDeleted: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    recorded: recorded<{ readonly deletedAt: string }>(),
    writes: (data) => ({ deletion: { deletedAt: data.deletedAt } }),
  }),
  CompanyRestored: define({
    schema: z.strictObject({ reason: field.absentable(field.reason) }),
    writes: () => ({ deletion: { deletedAt: null, mergedIntoId: null } }),
  }),
};
