import { PhoneContext } from '../phone/phone-context.ts';
import type { Phone } from '../phone/phone.ts';
import { useStore } from '../use-store.ts';
import { PhoneHeader } from './phone-header.tsx';
import { PhoneSheet } from './phone-sheet.tsx';
import { PhoneTab } from './phone-tab.tsx';
import { StatusBar } from './status-bar.tsx';
import { TabBar } from './tab-bar.tsx';

/** A phone and what is on its screen. */
export const PhoneDevice = ({ phone }: { readonly phone: Phone }) => {
  const { sheet } = useStore(phone.view);
  return (
    <PhoneContext value={phone}>
      <section className="phone" aria-label={`${phone.person.name}'s phone`} data-who={phone.key}>
        <div className="phone-screen">
          <div className="phone-app" inert={sheet !== undefined}>
            <StatusBar />
            <PhoneHeader />
            <PhoneTab />
            <TabBar />
          </div>
          {sheet !== undefined && <PhoneSheet key={`${sheet.type}/${sheet.id ?? 'new'}`} sheet={sheet} />}
        </div>
      </section>
    </PhoneContext>
  );
};
