import type { Uuid } from '../../../../src/shared/base/ids.ts';

export type Tab = 'deals' | 'leads' | 'inbox';

/** What a phone shows: a tab, and over it the sheet of one record, or of a new one. */
export interface PhoneView {
  readonly tab: Tab;
  readonly sheet?: { readonly type: 'deal' | 'lead'; readonly id: Uuid | 'new' };
}
