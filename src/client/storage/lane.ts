/** Runs what it is given one after the other, whether the one before succeeded or not. */
export interface Lane {
  <T>(work: () => Promise<T>): Promise<T>;
}

export const createLane = (): Lane => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
};
