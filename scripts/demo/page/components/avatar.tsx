import { initials } from '../format.ts';

interface Props {
  readonly name: string;
  /** Whose colour it has. */
  readonly who: string;
  readonly size?: 'small' | 'large';
}

export const Avatar = ({ name, who, size = 'small' }: Props) => (
  <span className={`avatar avatar-${size}`} data-who={who} title={name} aria-label={name} role="img">
    {initials(name)}
  </span>
);
