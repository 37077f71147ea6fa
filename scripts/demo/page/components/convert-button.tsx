import type { Lead } from '../../../../src/client/index.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useTask } from '../phone/use-task.ts';

/** Makes contact, company and deal of a lead, all or nothing. */
export const ConvertButton = ({ lead }: { readonly lead: Lead }) => {
  const { leadzen, view } = usePhone();
  const { failure, isBusy, run } = useTask();
  const convert = async (): Promise<void> => {
    if (await run(() => leadzen.leads.convert(lead.id))) view.set({ tab: 'deals' });
  };
  return (
    <>
      {failure !== undefined && (
        <p className="sheet-failure" role="alert">
          {failure}
        </p>
      )}
      <button
        type="button"
        className="button"
        disabled={isBusy || lead.convertedAt !== null}
        onClick={() => void convert()}
      >
        Convert
      </button>
    </>
  );
};
