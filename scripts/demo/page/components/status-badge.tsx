import type { RecordStatus } from '../../../../src/client/api.ts';
import { Icon } from './icon.tsx';

const MEANING: Readonly<Record<RecordStatus, string>> = {
  saved: 'On this phone only',
  queued: 'Waits for another try',
  sent: 'Under way to the server',
  confirmed: 'The server has it',
  conflict: 'Somebody has to decide',
  refused: 'The server refused it: see the inbox',
};

/** Where the newest edit of a record stands. */
export const StatusBadge = ({ status }: { readonly status: RecordStatus | undefined }) => {
  const shown = status ?? 'confirmed';
  return (
    <span className="badge" data-status={shown} title={MEANING[shown]}>
      {shown === 'confirmed' && <Icon name="check" />}
      {shown}
    </span>
  );
};
