import { useRecords } from './use-records.ts';

/** What a deal or lead is called on this phone. */
export const useRecordName = (id: string): string => {
  const deals = useRecords('deals');
  const leads = useRecords('leads');
  return [...deals, ...leads].find((record) => record.id === id)?.name ?? 'A record that left this phone';
};
