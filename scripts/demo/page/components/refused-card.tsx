import { useState } from 'react';
import type { RefusedEvent } from '../../../../src/client/index.ts';
import type { JsonObject } from '../../../../src/shared/base/json.ts';
import { fieldLabel, sentence } from '../labels.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useRecordName } from '../phone/use-record-name.ts';
import { useTask } from '../phone/use-task.ts';
import { EventDataFields } from './event-data-fields.tsx';

/** What a code means for whoever reads it. */
const CODES: Readonly<Record<RefusedEvent['code'], string>> = {
  invalid: 'against a rule',
  forbidden: 'not allowed',
  archived: 'record deleted',
  unknown_type: 'newer than the server',
  unknown_stream: 'record out of sight',
  id_reuse: 'sent before as something else',
  blocked: 'depends on another',
  already_resolved: 'settled already',
  conflict: 'changed meanwhile',
  undeliverable: 'the server fails over it',
};

/** `data.stageId` and `is archived` as `Stage is archived`. */
const reasonOf = ({ fields, message }: RefusedEvent): string => {
  const reasons = fields.map((field) => {
    const name = field.path.replace(/^data\./, '');
    return `${sentence(fieldLabel(name))} ${field.message}`;
  });
  return reasons.length === 0 ? message : reasons.join('; ');
};

/** A change that the server did not take, with its reason: edit it and send it again, or give it up. */
export const RefusedCard = ({ event }: { readonly event: RefusedEvent }) => {
  const { leadzen, view } = usePhone();
  const [data, setData] = useState<JsonObject>(event.data);
  const { failure, isBusy, run } = useTask();
  const record = useRecordName(event.stream.id);
  const sendAgain = async (): Promise<void> => {
    if (await run(() => leadzen.refused.resend(event.id, data)))
      view.set({ tab: view.get().tab, spotlight: event.stream.id });
  };
  return (
    <article className="card card-refused" aria-label={`Refused: ${record}`}>
      <p className="card-kind">Refused · {CODES[event.code]}</p>
      <h4>{record}</h4>
      <p className="card-text">
        {sentence(event.type)}: <span className="card-reason">{reasonOf(event)}</span>
      </p>
      <EventDataFields data={data} onChange={setData} />
      {failure !== undefined && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      <div className="card-actions">
        <button
          type="button"
          className="button"
          disabled={isBusy}
          onClick={() => void run(() => leadzen.refused.discard(event.id))}
        >
          Discard
        </button>
        <button type="button" className="button button-main" disabled={isBusy} onClick={() => void sendAgain()}>
          Send again
        </button>
      </div>
    </article>
  );
};
