import type { Uuid } from '../../../../src/shared/base/ids.ts';

export type Tab = 'deals' | 'leads' | 'inbox';

/** What a phone shows: a tab, and over it the sheet of one record, or of a new one. */
export interface PhoneView {
  readonly tab: Tab;
  /** The record that was touched last: its row scrolls into sight. */
  readonly spotlight?: Uuid;
  readonly sheet?: { readonly type: 'deal' | 'lead'; readonly id?: Uuid };
}

/** The same with the sheet put away; its record stays in sight. */
export const withoutSheet = ({ tab, spotlight, sheet }: PhoneView): PhoneView => {
  const touched = sheet?.id ?? spotlight;
  return { tab, ...(touched === undefined ? {} : { spotlight: touched }) };
};
