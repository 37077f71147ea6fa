import type { FormEvent, ReactNode } from 'react';
import { usePhone } from '../phone/phone-context.ts';
import { withoutSheet } from '../phone/view.ts';
import { useTask } from '../phone/use-task.ts';

interface Props {
  readonly submitLabel: string;
  readonly onSubmit: () => Promise<unknown>;
  /** Buttons beside the one that submits. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Fields over a bar that saves them; the sheet goes once they are safe on the phone, and stays where they are refused. */
export const SheetForm = ({ submitLabel, onSubmit, actions, children }: Props) => {
  const { view } = usePhone();
  const { failure, isBusy, run } = useTask();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await run(onSubmit)) view.set(withoutSheet(view.get()));
  };
  return (
    <form className="sheet-form" onSubmit={(event) => void submit(event)}>
      <div className="sheet-fields">{children}</div>
      <footer className="sheet-foot">
        {failure !== undefined && (
          <p className="sheet-failure" role="alert">
            {failure}
          </p>
        )}
        {actions}
        <button type="submit" className="button button-main" disabled={isBusy}>
          {submitLabel}
        </button>
      </footer>
    </form>
  );
};
