import type { PhoneView } from '../phone/view.ts';
import { DealSheet } from './deal-sheet.tsx';
import { LeadSheet } from './lead-sheet.tsx';
import { NewDealSheet } from './new-deal-sheet.tsx';
import { NewLeadSheet } from './new-lead-sheet.tsx';

/** The sheet over the tab: a record, or a form for a new one. */
export const PhoneSheet = ({ sheet: { type, id } }: { readonly sheet: NonNullable<PhoneView['sheet']> }) => {
  if (type === 'deal') return id === undefined ? <NewDealSheet /> : <DealSheet id={id} />;
  return id === undefined ? <NewLeadSheet /> : <LeadSheet id={id} />;
};
