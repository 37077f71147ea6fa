import { usePhone } from '../phone/phone-context.ts';
import { useStore } from '../use-store.ts';
import { DealsTab } from './deals-tab.tsx';
import { InboxTab } from './inbox-tab.tsx';
import { LeadsTab } from './leads-tab.tsx';

const TABS = { deals: DealsTab, leads: LeadsTab, inbox: InboxTab };

/** The tab that is open. */
export const PhoneTab = () => {
  const Tab = TABS[useStore(usePhone().view).tab];
  return (
    <div className="tab-page">
      <Tab />
    </div>
  );
};
