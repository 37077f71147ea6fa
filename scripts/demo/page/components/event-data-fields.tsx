import type { Json, JsonObject } from '../../../../src/shared/base/json.ts';
import { plain } from '../format.ts';
import { fieldLabel, sentence } from '../labels.ts';
import { amountText, parseAmount } from '../phone/amount.ts';
import { stageChoices, stagesOf } from '../phone/stages.ts';
import { useRecords } from '../phone/use-records.ts';
import { ChoiceField } from './choice-field.tsx';
import { OwnerField } from './owner-field.tsx';
import { TextField } from './text-field.tsx';

interface FieldProps {
  readonly name: string;
  readonly value: Json;
  readonly onChange: (value: Json) => void;
}

const StageField = ({ value, onChange }: FieldProps) => {
  const choices = stageChoices(stagesOf(useRecords('pipelines')), plain(value));
  return (
    <ChoiceField
      label="Stage"
      value={plain(value)}
      choices={choices.map(({ id, name, archivedAt }) => ({
        value: id,
        label: archivedAt === null ? name : `${name} (out of use)`,
      }))}
      onChange={onChange}
    />
  );
};

const AmountField = ({ value, onChange }: FieldProps) => (
  <TextField
    label="Amount"
    inputMode="decimal"
    value={typeof value === 'number' ? amountText(value) : plain(value)}
    onChange={(text) => onChange(parseAmount(text) ?? text)}
  />
);

const DataField = (props: FieldProps) => {
  const { name, value, onChange } = props;
  if (name === 'stageId') return <StageField {...props} />;
  if (name === 'amountMinor') return <AmountField {...props} />;
  if (name === 'ownerId') return <OwnerField value={typeof value === 'string' ? value : ''} onChange={onChange} />;
  if (typeof value !== 'string') return null;
  const type = name.endsWith('Date') ? 'date' : 'text';
  return <TextField label={sentence(fieldLabel(name))} type={type} value={value} onChange={onChange} />;
};

interface Props {
  readonly data: JsonObject;
  readonly onChange: (data: JsonObject) => void;
}

/** The data of an event as fields that can be edited; what is no text, amount or choice goes along as it is. */
export const EventDataFields = ({ data, onChange }: Props) => (
  <div className="card-fields">
    {Object.entries(data).map(([name, value]) => (
      <DataField key={name} name={name} value={value} onChange={(next) => onChange({ ...data, [name]: next })} />
    ))}
  </div>
);
