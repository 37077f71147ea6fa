import { useNames } from '../phone/use-names.ts';
import { ChoiceField } from './choice-field.tsx';

interface Props {
  readonly value: string;
  readonly onChange: (ownerId: string) => void;
}

export const OwnerField = ({ value, onChange }: Props) => {
  const people = [...useNames('users')].map(([id, name]) => ({ value: id, label: name }));
  return (
    <ChoiceField
      label="Owner"
      value={value}
      choices={[{ value: '', label: 'Nobody' }, ...people]}
      onChange={onChange}
    />
  );
};
