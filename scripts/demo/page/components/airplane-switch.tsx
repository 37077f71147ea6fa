import { usePhone } from '../phone/phone-context.ts';
import { useStore } from '../use-store.ts';
import { Icon } from './icon.tsx';

/** Takes the network away from this phone, or gives it back. */
export const AirplaneSwitch = () => {
  const { network, person } = usePhone();
  const isOnline = useStore(network.online);
  return (
    <button
      type="button"
      role="switch"
      className="airplane"
      aria-checked={!isOnline}
      aria-label={`Airplane mode of ${person.name}'s phone`}
      title={isOnline ? 'Go offline' : 'Come back online'}
      onClick={() => network.online.set(!isOnline)}
    >
      <span className="airplane-knob">
        <Icon name="plane" />
      </span>
    </button>
  );
};
