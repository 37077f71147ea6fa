import { useState } from 'react';
import type { About } from '../../../../src/shared/contract/events/shared-state.ts';
import { clock } from '../format.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useRecords } from '../phone/use-records.ts';
import { useTask } from '../phone/use-task.ts';
import { OwnerAvatar } from './owner-avatar.tsx';
import { TextField } from './text-field.tsx';

/** The notes about a record, the newest first, and a line for another. Notes are appended: they never conflict. */
export const NotesOf = ({ about }: { readonly about: About }) => {
  const { leadzen } = usePhone();
  const [body, setBody] = useState('');
  const { failure, isBusy, run } = useTask();
  const notes = useRecords('activities').filter((note) => note.about?.id === about.id && note.body !== null);
  const add = async (): Promise<void> => {
    if (await run(() => leadzen.activities.addNote({ about, body }))) setBody('');
  };
  return (
    <section className="notes" aria-label="Notes">
      <div className="notes-new">
        <TextField label="Note" value={body} onChange={setBody} />
        <button type="button" className="button" disabled={isBusy || body.trim() === ''} onClick={() => void add()}>
          Add
        </button>
      </div>
      {failure !== undefined && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      {notes.map((note) => (
        <p key={note.id} className="note">
          <OwnerAvatar ownerId={note.ownerId} />
          <span>{note.body}</span>
          <time>{clock(note.createdAt)}</time>
        </p>
      ))}
    </section>
  );
};
