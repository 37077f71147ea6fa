/** What a list says that has nothing to show. */
export const Empty = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <div className="empty">
    <p className="empty-title">{title}</p>
    <p>{text}</p>
  </div>
);
