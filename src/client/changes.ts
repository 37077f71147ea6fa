import type { Uuid } from '../shared/base/ids.ts';

/** Tells listeners, one topic apart from the other. A listener that throws is its owner's mistake and stops nobody. */
export interface Changes<Topic> {
  listen(topic: Topic, listener: (ids: readonly Uuid[]) => void): () => void;
  tell(topic: Topic, ids: readonly Uuid[]): void;
}

export const createChanges = <Topic>(): Changes<Topic> => {
  const listeners = new Map<Topic, Set<(ids: readonly Uuid[]) => void>>();
  return {
    listen: (topic, listener) => {
      const known = listeners.get(topic) ?? new Set();
      listeners.set(topic, known.add(listener));
      return () => void known.delete(listener);
    },
    tell: (topic, ids) => {
      for (const listener of Array.from(listeners.get(topic) ?? [])) {
        try {
          listener(ids);
        } catch (error) {
          // Thrown where the runtime reports what nobody caught, and where it cannot undo a sync.
          void Promise.reject(error);
        }
      }
    },
  };
};
