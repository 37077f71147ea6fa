import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { usePhone } from '../phone/phone-context.ts';
import { withoutSheet } from '../phone/view.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly title: string;
  readonly badge?: ReactNode;
  readonly children: ReactNode;
}

const FIELD = 'input, select, textarea';

// Where the focus was before the sheet took it.
const useFocus = () => {
  const dialog = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.querySelector<HTMLElement>(FIELD)?.focus({ preventScroll: true });
    return () => {
      // The screen behind is inert until the sheet has gone.
      if (before instanceof HTMLElement) requestAnimationFrame(() => before.focus({ preventScroll: true }));
    };
  }, []);
  return dialog;
};

/** A form that rises over a phone's screen; Escape puts it away. */
export const Sheet = ({ title, badge, children }: Props) => {
  const { view } = usePhone();
  const titleId = useId();
  const dialog = useFocus();
  const close = (): void => view.set(withoutSheet(view.get()));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
  };
  return (
    <div className="sheet-veil">
      <div
        className="sheet"
        ref={dialog}
        role="dialog"
        aria-modal="true"
        aria-labelledby={titleId}
        onKeyDown={onKeyDown}
      >
        <header className="sheet-head">
          <h3 id={titleId}>{title}</h3>
          {badge}
          <button type="button" className="round-button round-quiet" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </div>
  );
};
