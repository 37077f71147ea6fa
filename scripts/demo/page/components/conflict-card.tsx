import type { ConflictChoice, ConflictView } from '../../../../src/client/index.ts';
import type { JsonObject } from '../../../../src/shared/base/json.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useNames } from '../phone/use-names.ts';
import { useRecordName } from '../phone/use-record-name.ts';
import { useTask } from '../phone/use-task.ts';
import { useValueText } from '../phone/use-value-text.ts';

const COLUMNS = [
  { key: 'base', label: 'It was' },
  { key: 'current', label: 'It is' },
  { key: 'proposed', label: 'Proposed' },
] as const;

/** Only what differs is worth a look. */
const differing = ({ base, current, proposed }: ConflictView): readonly string[] =>
  Object.keys(proposed).filter(
    (field) => JSON.stringify(current[field]) !== JSON.stringify(proposed[field]) || !(field in (base ?? {})),
  );

const Side = ({ label, fields, values }: { label: string; fields: readonly string[]; values: JsonObject | null }) => {
  const text = useValueText();
  return (
    <div className="side" data-side={label}>
      <dt>{label}</dt>
      {fields.map((field) => (
        <dd key={field}>{values === null ? 'unknown' : text(field, values[field], values)}</dd>
      ))}
    </div>
  );
};

/** Two people changed the same at once: what it was, what it is, what was proposed, and the choice. */
export const ConflictCard = ({ conflict }: { readonly conflict: ConflictView }) => {
  const { leadzen, userId, view } = usePhone();
  const { failure, isBusy, run } = useTask();
  const names = useNames('users');
  const record = useRecordName(conflict.stream.id);
  const author = conflict.actor === userId ? 'You' : (names.get(conflict.actor) ?? 'Somebody');
  const resolve = async (choice: ConflictChoice): Promise<void> => {
    const isDone = await run(() => leadzen.conflicts.resolve(conflict.id, choice));
    if (isDone) view.set({ tab: view.get().tab, spotlight: conflict.stream.id });
  };
  return (
    <article className="card card-conflict" aria-label={`Conflict about ${record}`}>
      <p className="card-kind">Conflict · {conflict.register}</p>
      <h4>{record}</h4>
      <p className="card-text">{author} and somebody else changed this at once. Nothing was overwritten.</p>
      <dl className="sides">
        {COLUMNS.map(({ key, label }) => (
          <Side key={key} label={label} fields={differing(conflict)} values={conflict[key]} />
        ))}
      </dl>
      {failure !== undefined && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      <div className="card-actions">
        <button type="button" className="button" disabled={isBusy} onClick={() => void resolve('current')}>
          Keep current
        </button>
        <button type="button" className="button button-main" disabled={isBusy} onClick={() => void resolve('proposed')}>
          Take proposed
        </button>
      </div>
    </article>
  );
};
