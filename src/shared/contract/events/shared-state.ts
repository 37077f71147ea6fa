import type { Uuid } from '../../base/ids.ts';
import type { Json } from '../../base/json.ts';
import type { OWNED_TYPES, StreamType } from '../streams.ts';
import type { Reference } from './definition.ts';

/** An e-mail address or a telephone number. */
export interface ContactMethod {
  readonly value: string;
  readonly kind?: string | undefined;
  readonly primary?: boolean | undefined;
}

export type CustomFields = Readonly<Record<string, Json>>;

/** The record that an activity is about. */
export interface About {
  readonly type: (typeof OWNED_TYPES)[number];
  readonly id: Uuid;
}

/** The reference that a field makes, where it has a value. */
export const reference = (type: StreamType, path: string, id: Uuid | null | undefined): readonly Reference[] =>
  id === null || id === undefined ? [] : [{ path, ref: { type, id } }];

export const ownerReferences = (data: {
  readonly ownerId?: Uuid | null | undefined;
  readonly teamId?: Uuid | null | undefined;
}): readonly Reference[] => [
  ...reference('user', 'ownerId', data.ownerId),
  ...reference('team', 'teamId', data.teamId),
];

export const aboutReference = (data: { readonly about?: About | undefined }): readonly Reference[] =>
  data.about === undefined ? [] : [{ path: 'about.id', ref: { type: data.about.type, id: data.about.id } }];
