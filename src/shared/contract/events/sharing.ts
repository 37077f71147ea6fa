import * as z from 'zod/mini';
import type { Uuid } from '../../base/ids.ts';
import { OWNED_TYPES } from '../streams.ts';
import { eventsOf } from './definition.ts';
import * as field from './fields.ts';
import { reference } from './shared-state.ts';

export const SHARE_ACCESS = ['read', 'write'] as const;
export type ShareAccess = (typeof SHARE_ACCESS)[number];

/** One record opened to one user or team, whatever the workspace's policy says. */
export interface Share {
  readonly shareId: Uuid;
  readonly with: { readonly type: 'user' | 'team'; readonly id: Uuid };
  readonly access: ShareAccess;
  /** ISO time from which it counts no more; null: until it is revoked. */
  readonly expiresAt: string | null;
}

/** What the records have that can be shared. */
export interface Shareable {
  readonly shares: readonly Share[];
}

/** At most this many shares a record, so that a state stays below its limit of bytes. */
export const SHARES_MAX = 100;

export const shareBody = {
  with: z.strictObject({ type: z.enum(['user', 'team']), id: field.id }),
  access: z.enum(SHARE_ACCESS),
  expiresAt: field.absentable(field.instant),
};

const define = eventsOf<Shareable>(...OWNED_TYPES);
const without = (shares: readonly Share[], shareId: Uuid): readonly Share[] =>
  shares.filter((share) => share.shareId !== shareId);
// Granting and revoking have a register each, so that the clock of one never decides over the other.
const register = (what: 'granted' | 'revoked', shareId: Uuid, shares: readonly Share[]) => ({
  [`shares/${what}/${shareId}`]: { shares: shares.map((share) => ({ ...share, with: { ...share.with } })) },
});

export const sharingEvents = {
  RecordShared: define({
    schema: z.strictObject({ shareId: field.id, ...shareBody }),
    references: (data) => reference(data.with.type, 'with.id', data.with.id),
    writes: ({ shareId, with: grantee, access, expiresAt }, state) => {
      const share: Share = { shareId, with: grantee, access, expiresAt: expiresAt ?? null };
      return register('granted', shareId, [...without(state.shares, shareId), share]);
    },
  }),
  RecordShareRevoked: define({
    schema: z.strictObject({ shareId: field.id, reason: field.absentable(field.reason) }),
    writes: ({ shareId }, state) => register('revoked', shareId, without(state.shares, shareId)),
  }),
};
