import { usePhone } from '../phone/phone-context.ts';
import { useInbox } from '../phone/use-inbox.ts';
import { withoutSheet, type Tab } from '../phone/view.ts';
import { useStore } from '../use-store.ts';
import { Icon } from './icon.tsx';

const TABS: readonly { readonly tab: Tab; readonly label: string }[] = [
  { tab: 'deals', label: 'Deals' },
  { tab: 'leads', label: 'Leads' },
  { tab: 'inbox', label: 'Inbox' },
];

export const TabBar = () => {
  const { view } = usePhone();
  const { tab: present } = useStore(view);
  const { conflicts, refused } = useInbox();
  const waiting = conflicts.length + refused.length;
  return (
    <nav className="tab-bar" aria-label="Sections">
      {TABS.map(({ tab, label }) => (
        <button
          key={tab}
          type="button"
          className="tab"
          aria-current={tab === present ? 'page' : undefined}
          onClick={() => view.set({ ...withoutSheet(view.get()), tab })}
        >
          <Icon name={tab} />
          <span>{label}</span>
          {tab === 'inbox' && waiting > 0 && (
            <span className="tab-count" aria-label={`${waiting} to decide`}>
              {waiting}
            </span>
          )}
        </button>
      ))}
    </nav>
  );
};
