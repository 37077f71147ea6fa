import { usePhone } from '../phone/phone-context.ts';
import { useNames } from '../phone/use-names.ts';
import { Avatar } from './avatar.tsx';

/** Colours go by first name: two people on stage, and the office. */
const whoOf = (name: string): string => name.split(' ')[0]?.toLowerCase() ?? '';

/** Whose record it is; an empty ring for nobody's. */
export const OwnerAvatar = ({ ownerId }: { readonly ownerId: string | null }) => {
  const { userId, person } = usePhone();
  const names = useNames('users');
  const name = ownerId === userId ? person.name : names.get(ownerId ?? '');
  return name === undefined ? (
    <span className="avatar avatar-small avatar-nobody" role="img" aria-label="Nobody's" />
  ) : (
    <Avatar name={name} who={whoOf(name)} />
  );
};
