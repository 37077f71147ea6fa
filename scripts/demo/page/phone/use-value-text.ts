import type { Json, JsonObject } from '../../../../src/shared/base/json.ts';
import { day, moneyOf, plain } from '../format.ts';
import { stagesOf } from './stages.ts';
import { useNames } from './use-names.ts';
import { useRecords } from './use-records.ts';

/** Writes the value of a field for people; ids as the names that this phone knows. */
export const useValueText = (): ((field: string, value: Json | undefined, data: JsonObject) => string) => {
  const stages = stagesOf(useRecords('pipelines'));
  const users = useNames('users');
  return (field, value, data) => {
    if (value === null || value === undefined) return 'none';
    if (field === 'amountMinor') return moneyOf(data);
    if (field === 'expectedCloseDate') return day(plain(value));
    if (field === 'stageId') return stages.find(({ id }) => id === value)?.name ?? 'another stage';
    if (field === 'ownerId') return users.get(plain(value)) ?? 'somebody else';
    return plain(value);
  };
};
