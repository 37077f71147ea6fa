import { clock } from '../format.ts';
import { fieldLabel } from '../labels.ts';
import { describeEntry } from '../office/describe-entry.ts';
import type { Directory } from '../office/directory.ts';
import type { LogEntry } from '../office/log-entry.ts';

/** Who made an event, and on what. */
export interface Author {
  readonly who: 'ada' | 'ben' | 'office';
  readonly name: string;
  readonly from: string;
}

interface Props {
  readonly entry: LogEntry;
  readonly names: Directory;
  readonly author: Author;
}

const Marks = ({ entry: { type, superseded } }: { readonly entry: LogEntry }) => (
  <>
    {superseded.length > 0 && (
      <span className="mark mark-merged" title="A later edit of these fields counts instead">
        merged · {superseded.map(fieldLabel).join(', ')} superseded
      </span>
    )}
    {type === 'ConflictRaised' && <span className="mark mark-conflict">conflict</span>}
    {type === 'ConflictResolved' && <span className="mark mark-settled">settled</span>}
  </>
);

/** One event: its position, whose it is, what it says, and what became of it. */
export const LogLine = ({ entry, names, author }: Props) => {
  const { record, what } = describeEntry(entry, names);
  return (
    <li className="log-line" data-type={entry.type} data-who={author.who}>
      <span className="log-position">{entry.position}</span>
      <div className="log-body">
        <p className="log-what">
          <strong>{record}</strong> {what}
        </p>
        <p className="log-facts">
          <span className="log-author">
            {author.name} · {author.from}
          </span>
          <code>{entry.type}</code>
          <Marks entry={entry} />
        </p>
      </div>
      <time className="log-time" dateTime={entry.recordedAt}>
        {clock(entry.recordedAt)}
      </time>
    </li>
  );
};
