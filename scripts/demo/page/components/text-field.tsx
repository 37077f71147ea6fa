import { Field } from './field.tsx';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly lines?: number;
  readonly inputMode?: 'text' | 'decimal';
  readonly type?: 'text' | 'date';
}

export const TextField = ({ label, value, onChange, lines = 1, inputMode = 'text', type = 'text' }: Props) => (
  <Field label={label}>
    {(id) =>
      lines > 1 ? (
        <textarea id={id} rows={lines} value={value} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input
          id={id}
          type={type}
          inputMode={inputMode}
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    }
  </Field>
);
