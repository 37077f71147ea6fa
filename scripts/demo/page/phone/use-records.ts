import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { LiveList, RecordStatus } from '../../../../src/client/index.ts';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import { usePhone } from './phone-context.ts';

type Listed = 'deals' | 'leads' | 'companies' | 'users' | 'pipelines' | 'activities';
type RecordIn<R extends Listed> =
  ReturnType<ReturnType<typeof usePhone>['leadzen'][R]['live']> extends {
    current(): readonly (infer T)[];
  }
    ? T
    : never;

/** More than the demo ever makes. */
const ALL = 1000;

/** All records of a kind on this phone, drawn anew whenever one changes. */
export const useRecords = <R extends Listed>(resource: R): readonly RecordIn<R>[] => {
  const { leadzen } = usePhone();
  const live = useMemo(() => leadzen[resource].live({ limit: ALL }) as LiveList<RecordIn<R>>, [leadzen, resource]);
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  return useSyncExternalStore(subscribe, () => live.current());
};

/** Where the newest edit of a record stands. */
export const useRecordStatus = (resource: 'deals' | 'leads', id: Uuid): RecordStatus | undefined => {
  const { leadzen } = usePhone();
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [leadzen.subscribe(resource, listener), leadzen.onSyncStatus(listener)];
      return () => ends.forEach((end) => end());
    },
    [leadzen, resource],
  );
  return useSyncExternalStore(subscribe, () => leadzen.status(id));
};
