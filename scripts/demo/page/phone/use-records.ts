import { useMemo } from 'react';
import type { LeadZen, LiveList, RecordStatus } from '../../../../src/client/index.ts';
import * as sdk from '../../../../src/client/react.ts';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import { usePhone } from './phone-context.ts';

type Listed = 'deals' | 'leads' | 'companies' | 'users' | 'pipelines' | 'activities';
type RecordIn<R extends Listed> = ReturnType<ReturnType<LeadZen[R]['live']>['current']>[number];

/** More than the demo ever makes. */
const ALL = { limit: 1000 };

/** All records of a kind on this phone. */
export const useRecords = <R extends Listed>(resource: R): readonly RecordIn<R>[] => {
  const { leadzen } = usePhone();
  const list = useMemo(() => leadzen[resource].live(ALL) as LiveList<RecordIn<R>>, [leadzen, resource]);
  return sdk.useLiveList(list);
};

/** Where the newest edit of a record stands. */
export const useRecordStatus = (id: Uuid): RecordStatus | undefined => sdk.useRecordStatus(usePhone().leadzen, id);
