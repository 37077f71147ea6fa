import { SHARINGS } from '../../../../src/shared/contract/events/workspace.ts';
import type { LogEntry } from '../office/log-entry.ts';
import type { Office } from '../office/office.ts';
import { useTask } from '../phone/use-task.ts';
import { useStore } from '../use-store.ts';

type Sharing = (typeof SHARINGS)[number];

const WORDS: Readonly<Record<Sharing, string>> = {
  everyone: 'Everyone sees everything',
  team: 'Teams see their records',
  owner: 'People see their own',
};

const isSharing = (value: unknown): value is Sharing => SHARINGS.some((sharing) => sharing === value);

/** The policy in force, as the log tells it; a workspace begins with everyone. */
const sharingIn = (entries: readonly LogEntry[]): Sharing => {
  const values = entries.map(({ stream, data }) => (stream.type === 'workspace' ? data['sharing'] : undefined));
  return values.findLast(isSharing) ?? 'everyone';
};

/** What the office lets people see; Iris may change it at any time. */
export const SharingField = ({ office }: { readonly office: Office }) => {
  const sharing = sharingIn(useStore(office.log.entries));
  const { failure, isBusy, run } = useTask();
  const change = (value: string): void => {
    if (isSharing(value)) void run(() => office.changeSharing(value));
  };
  return (
    <div className="sharing">
      {failure !== undefined && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      <select
        aria-label="Who sees what"
        value={sharing}
        disabled={isBusy}
        onChange={(event) => change(event.target.value)}
      >
        {SHARINGS.map((value) => (
          <option key={value} value={value}>
            {WORDS[value]}
          </option>
        ))}
      </select>
    </div>
  );
};
