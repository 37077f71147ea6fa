import type { Cast } from '../cast.ts';
import { SharingField } from './sharing-field.tsx';
import { useFingerprint } from '../use-fingerprint.ts';

interface Props {
  readonly workspace: string;
  readonly cast: Cast;
}

const sentenceOf = (ada: string | undefined, ben: string | undefined): string => {
  if (ada === undefined || ben === undefined) return 'Reading the phones …';
  return ada === ben ? 'Both phones hold the same' : 'The phones differ';
};

/** Whose workspace this is, and whether the two phones agree. */
export const TopBar = ({ workspace, cast }: Props) => {
  const ada = useFingerprint(cast.ada);
  const ben = useFingerprint(cast.ben);
  const isEqual = ada !== undefined && ada === ben;
  return (
    <header className="top-bar">
      <div className="top-names">
        <h1 className="wordmark">LeadZen</h1>
        <p>{workspace}</p>
      </div>
      <p className={isEqual ? 'equality is-equal' : 'equality'} role="status" data-testid="equality">
        <code>{ada ?? '······'}</code>
        <span className="equality-text">{sentenceOf(ada, ben)}</span>
        <code>{ben ?? '······'}</code>
      </p>
      <SharingField office={cast.office} />
    </header>
  );
};
