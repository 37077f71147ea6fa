import type { Deal } from '../../../../src/client/index.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useRecords } from '../phone/use-records.ts';
import { useTask } from '../phone/use-task.ts';

/** Closes a deal as won, or opens it again where it was first. */
export const DealOutcome = ({ deal }: { readonly deal: Deal }) => {
  const { leadzen } = usePhone();
  const { failure, isBusy, run } = useTask();
  const pipeline = useRecords('pipelines').find(({ id }) => id === deal.pipelineId);
  const first = pipeline?.stages.find(({ kind, archivedAt }) => kind === 'open' && archivedAt === null);
  const isOpen = deal.outcome === 'open';
  const act = (): Promise<unknown> =>
    isOpen ? leadzen.deals.win(deal.id) : leadzen.deals.reopen(deal.id, first?.id ?? '');
  return (
    <>
      {failure !== undefined && (
        <p className="sheet-failure" role="alert">
          {failure}
        </p>
      )}
      <button type="button" className="button" disabled={isBusy} onClick={() => void run(act)}>
        {isOpen ? 'Mark won' : 'Reopen'}
      </button>
    </>
  );
};
