import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { LeadZen, LiveList, RecordStatus, SyncStatus } from './index.ts';
import type { ListQuery, Reads, RecordOf, ResourceName } from './resources/types.ts';

/** The records of a live list, from the cache and then with every change. */
export const useLiveList = <R>(list: LiveList<R>): readonly R[] =>
  useSyncExternalStore(list.subscribe, list.current, list.current);

/** What a resource lists. */
type StateOf<Name extends ResourceName> = LeadZen[Name] extends Reads<infer State> ? State : never;

/** The first page of a list of any resource. */
export const useRecords = <Name extends ResourceName>(
  leadzen: LeadZen,
  resource: Name,
  query?: ListQuery<StateOf<Name>>,
): readonly RecordOf<StateOf<Name>>[] => {
  const asked = JSON.stringify(query ?? {});
  // A query is made anew at every render: what it says tells whether it is another one.
  const list = useMemo(() => {
    const reads = leadzen[resource] as unknown as Reads<StateOf<Name>>;
    return reads.live(JSON.parse(asked) as ListQuery<StateOf<Name>>);
  }, [leadzen, resource, asked]);
  return useLiveList(list);
};

export const useLeads = (leadzen: LeadZen, query?: ListQuery<StateOf<'leads'>>) => useRecords(leadzen, 'leads', query);
export const useContacts = (leadzen: LeadZen, query?: ListQuery<StateOf<'contacts'>>) =>
  useRecords(leadzen, 'contacts', query);
export const useCompanies = (leadzen: LeadZen, query?: ListQuery<StateOf<'companies'>>) =>
  useRecords(leadzen, 'companies', query);
export const useDeals = (leadzen: LeadZen, query?: ListQuery<StateOf<'deals'>>) => useRecords(leadzen, 'deals', query);
export const useActivities = (leadzen: LeadZen, query?: ListQuery<StateOf<'activities'>>) =>
  useRecords(leadzen, 'activities', query);
export const usePipelines = (leadzen: LeadZen, query?: ListQuery<StateOf<'pipelines'>>) =>
  useRecords(leadzen, 'pipelines', query);

/** Where syncing stands. */
export const useSyncStatus = (leadzen: LeadZen): SyncStatus =>
  useSyncExternalStore(leadzen.onSyncStatus, leadzen.syncStatus, leadzen.syncStatus);

/** Where a record stands; undefined while it is not on view. */
export const useRecordStatus = (leadzen: LeadZen, id: string): RecordStatus | undefined => {
  const read = (): RecordStatus | undefined => leadzen.status(id);
  return useSyncExternalStore(leadzen.onSyncStatus, read, read);
};

/** What an inbox holds, read again with every change. */
const useInbox = <T>(leadzen: LeadZen, list: () => Promise<readonly T[]>): readonly T[] => {
  const [items, setItems] = useState<readonly T[]>([]);
  useEffect(() => {
    let isMounted = true;
    const read = (): void => {
      list().then(
        (next) => isMounted && setItems(next),
        () => isMounted && setItems([]),
      );
    };
    read();
    const stop = leadzen.onSyncStatus(read);
    return () => {
      isMounted = false;
      stop();
    };
  }, [leadzen, list]);
  return items;
};

export const useConflicts = (leadzen: LeadZen) => useInbox(leadzen, leadzen.conflicts.list);
export const useRefused = (leadzen: LeadZen) => useInbox(leadzen, leadzen.refused.list);
