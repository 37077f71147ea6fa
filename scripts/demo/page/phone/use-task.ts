import { useState } from 'react';

/** Something that may be refused, and the sentence that says why. */
export interface Task {
  readonly failure: string | undefined;
  readonly isBusy: boolean;
  /** Runs it; answers whether it went well. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export const useTask = (): Task => {
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { failure, isBusy, run };
};
