import { useEffect, useRef } from 'react';
import { usePhone } from '../phone/phone-context.ts';
import { withoutSheet } from '../phone/view.ts';

/** A record that left the phone while it was looked at. The field that had the focus went with it. */
export const Gone = ({ what }: { readonly what: string }) => {
  const { view } = usePhone();
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus({ preventScroll: true }), []);
  return (
    <div className="empty" role="alert">
      <p className="empty-title">This {what} is no longer on this phone</p>
      <p>It was deleted, or you may not see it any more.</p>
      <button type="button" ref={back} className="button" onClick={() => view.set(withoutSheet(view.get()))}>
        Back to the list
      </button>
    </div>
  );
};
