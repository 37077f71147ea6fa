import type { RecordStatus } from '../../../../src/client/index.ts';
import { Icon } from './icon.tsx';

const MEANING: Readonly<Record<RecordStatus, string>> = {
  saved: 'On this phone only',
  queued: 'Waits for another try',
  sent: 'Under way to the server',
  confirmed: 'The server has it',
  conflict: 'Somebody has to decide',
  refused: 'The server refused it: see the inbox',
};

interface Props {
  readonly status: RecordStatus | undefined;
  /** In lists what is as it should be needs no word. */
  readonly isTerse?: boolean;
}

/** Where the newest edit of a record stands. */
export const StatusBadge = ({ status, isTerse = false }: Props) => {
  const shown = status ?? 'confirmed';
  return (
    <span className="badge" data-status={shown} title={MEANING[shown]}>
      {shown === 'confirmed' && <Icon name="check" />}
      <span className={isTerse && shown === 'confirmed' ? 'unseen' : ''}>{shown}</span>
    </span>
  );
};
