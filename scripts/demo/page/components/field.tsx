import { useId, type ReactNode } from 'react';

interface Props {
  readonly label: string;
  /** What is wrong with it. */
  readonly error?: string | undefined;
  readonly children: (id: string) => ReactNode;
}

/** A control with its label, and room for what is wrong with it. */
export const Field = ({ label, error, children }: Props) => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {error !== undefined && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
};
