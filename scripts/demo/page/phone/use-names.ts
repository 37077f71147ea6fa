import { useMemo } from 'react';
import { useRecords } from './use-records.ts';

/** What users or companies are called, by id. */
export const useNames = (resource: 'users' | 'companies'): ReadonlyMap<string, string> => {
  const records = useRecords(resource);
  return useMemo(() => new Map(records.map(({ id, name }) => [id, name ?? ''])), [records]);
};
