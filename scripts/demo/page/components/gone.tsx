/** A record that left the phone while it was looked at. */
export const Gone = ({ what }: { readonly what: string }) => (
  <div className="empty" role="alert">
    <p className="empty-title">This {what} is no longer on this phone</p>
    <p>It was deleted, or you may not see it any more.</p>
  </div>
);
