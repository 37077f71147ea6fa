import { count, money } from '../format.ts';
import { byStage, stagesOf, type StageGroup } from '../phone/stages.ts';
import { useRecords } from '../phone/use-records.ts';
import { DealRow } from './deal-row.tsx';
import { Empty } from './empty.tsx';
import { TabTitle } from './tab-title.tsx';

const sumOf = (deals: StageGroup['deals']): number =>
  deals.reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0), 0);

const Group = ({ stage, deals }: StageGroup) => (
  <section className="stage-group" aria-label={stage.name}>
    <h4 className="stage-head">
      <span>{stage.name}</span>
      <span className="stage-count">{deals.length}</span>
      <span className="stage-sum">{deals.length === 0 ? '' : money(sumOf(deals), 'EUR')}</span>
    </h4>
    {deals.length === 0 ? (
      <p className="stage-empty">No deals</p>
    ) : (
      deals.map((deal) => <DealRow key={deal.id} deal={deal} />)
    )}
  </section>
);

/** The pipeline, stage by stage. */
export const DealsTab = () => {
  const deals = useRecords('deals');
  const stages = stagesOf(useRecords('pipelines'));
  const open = deals.filter(({ outcome }) => outcome === 'open');
  return (
    <>
      <TabTitle
        title="Deals"
        type="deal"
        detail={`${count(deals.length, 'deal')} · ${money(sumOf(open), 'EUR')} open`}
      />
      <div className="scroll">
        {deals.length === 0 ? (
          <Empty title="No deals here" text="Nothing on this phone yet, or nothing that you may see." />
        ) : (
          byStage(stages, deals).map((group) => <Group key={group.stage.id} {...group} />)
        )}
      </div>
    </>
  );
};
