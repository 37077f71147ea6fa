import { useEffect, useState } from 'react';
import { usePhone } from '../phone/phone-context.ts';
import { useStore } from '../use-store.ts';
import { Icon } from './icon.tsx';

const MINUTE = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const TICK_MS = 5000;

const useMinute = (): string => {
  const [minute, setMinute] = useState(() => MINUTE.format(new Date()));
  useEffect(() => {
    const timer = setInterval(() => setMinute(MINUTE.format(new Date())), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return minute;
};

/** The top edge of a phone: the time and the network. */
export const StatusBar = () => {
  const isOnline = useStore(usePhone().network.online);
  return (
    <div className="status-bar" aria-hidden="true">
      <span>{useMinute()}</span>
      <span className="status-bar-island" />
      <span className="status-bar-right">
        <Icon name={isOnline ? 'signal' : 'plane'} />
        <span className="battery" />
      </span>
    </div>
  );
};
