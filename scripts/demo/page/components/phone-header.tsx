import { usePhone } from '../phone/phone-context.ts';
import { AirplaneSwitch } from './airplane-switch.tsx';
import { Avatar } from './avatar.tsx';
import { SyncLine } from './sync-line.tsx';

/** Whose phone it is, and how it stands with the server. */
export const PhoneHeader = () => {
  const { key, person, role } = usePhone();
  return (
    <header className="phone-header">
      <div className="phone-user">
        <Avatar name={person.name} who={key} size="large" />
        <div>
          <h2 className="phone-name">{person.name}</h2>
          <p className="phone-role">{role}</p>
        </div>
        <AirplaneSwitch />
      </div>
      <SyncLine />
    </header>
  );
};
