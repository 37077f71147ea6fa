import { useMemo } from 'react';
import type { Cast } from '../cast.ts';
import { count } from '../format.ts';
import { directoryOf } from '../office/directory.ts';
import type { LogEntry } from '../office/log-entry.ts';
import { useStore } from '../use-store.ts';
import { LogLine, type Author } from './log-line.tsx';

/** Older ones are a scroll too far. */
const SHOWN = 150;

// The server asks on behalf of the device whose change it did not take.
const deviceOf = ({ type, device, data }: LogEntry): unknown => (type === 'ConflictRaised' ? data['device'] : device);

const authorOf = ({ ada, ben, office }: Cast, entry: LogEntry): Author => {
  const phone = [ada, ben].find(({ userId }) => userId === entry.actor);
  if (phone === undefined) return { who: 'office', name: office.person.name, from: 'the office' };
  const isPhone = deviceOf(entry) === phone.deviceId;
  return { who: phone.key, name: phone.person.name, from: isPhone ? 'phone' : 'another device' };
};

/** The server's log as it grows: every event that was taken, the newest first. */
export const LogPanel = ({ cast }: { readonly cast: Cast }) => {
  const { log } = cast.office;
  const entries = useStore(log.entries);
  const failure = useStore(log.failure);
  const names = useMemo(() => directoryOf(entries), [entries]);
  return (
    <section className="panel log" aria-label="The server's log">
      <header className="log-head">
        <h2>The server’s log</h2>
        <p>{failure ?? count(entries.length, 'event')}</p>
      </header>
      <ol className="log-lines" aria-live="polite" tabIndex={0} aria-label="Events, the newest first">
        {entries
          .slice(-SHOWN)
          .toReversed()
          .map((entry) => (
            <LogLine key={entry.position} entry={entry} names={names} author={authorOf(cast, entry)} />
          ))}
      </ol>
    </section>
  );
};
