import { count } from '../format.ts';
import { useRecords } from '../phone/use-records.ts';
import { Empty } from './empty.tsx';
import { LeadRow } from './lead-row.tsx';
import { TabTitle } from './tab-title.tsx';

/** People who may become customers, by name: a change of anything else moves no row. */
export const LeadsTab = () => {
  const leads = useRecords('leads')
    .filter(({ convertedAt }) => convertedAt === null)
    .toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
  const pressing = leads.filter(({ priority }) => priority === 'high').length;
  return (
    <>
      <TabTitle title="Leads" type="lead" detail={`${count(leads.length, 'lead')} · ${pressing} high priority`} />
      <div className="scroll">
        {leads.length === 0 ? (
          <Empty title="No leads here" text="Nothing on this phone yet, or nothing that you may see." />
        ) : (
          leads.map((lead) => <LeadRow key={lead.id} lead={lead} />)
        )}
      </div>
    </>
  );
};
