import type { Json, JsonObject } from '../../../../src/shared/base/json.ts';
import { day, money } from '../format.ts';
import { stagesOf } from './stages.ts';
import { useNames } from './use-names.ts';
import { useRecords } from './use-records.ts';

/** Writes the value of a field for people; ids as the names that this phone knows. */
export const useValueText = (): ((field: string, value: Json | undefined, data: JsonObject) => string) => {
  const stages = stagesOf(useRecords('pipelines'));
  const users = useNames('users');
  return (field, value, data) => {
    if (value === null || value === undefined) return 'none';
    if (field === 'amountMinor') return money(Number(value), String(data['currency'] ?? 'EUR'));
    if (field === 'expectedCloseDate') return day(String(value));
    if (field === 'stageId') return stages.find(({ id }) => id === value)?.name ?? 'another stage';
    if (field === 'ownerId') return users.get(String(value)) ?? 'somebody else';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
};
