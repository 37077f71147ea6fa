/** Before the phones are on, or why they do not come on. */
export const Opening = ({ failure }: { readonly failure?: string }) => (
  <main className="opening" aria-busy={failure === undefined}>
    <p className="wordmark">LeadZen</p>
    {failure === undefined ? (
      <p role="status">Switching the phones on …</p>
    ) : (
      <div className="notice notice-bad" role="alert">
        <strong>The demo could not start.</strong>
        <span>{failure}</span>
        <button type="button" className="button" onClick={() => location.reload()}>
          Try again
        </button>
      </div>
    )}
  </main>
);
