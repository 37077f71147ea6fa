import { useState } from 'react';
import { usePhone } from '../phone/phone-context.ts';
import { Sheet } from './sheet.tsx';
import { SheetForm } from './sheet-form.tsx';
import { TextField } from './text-field.tsx';

export const NewLeadSheet = () => {
  const { leadzen } = usePhone();
  const [name, setName] = useState('');
  const [companyName, setCompanyName] = useState('');
  const [note, setNote] = useState('');
  const create = (): Promise<unknown> =>
    leadzen.leads.create({ name, ...(companyName === '' ? {} : { companyName }), ...(note === '' ? {} : { note }) });
  return (
    <Sheet title="New lead">
      <SheetForm submitLabel="Add lead" onSubmit={create}>
        <TextField label="Name" value={name} onChange={setName} />
        <TextField label="Company" value={companyName} onChange={setCompanyName} />
        <TextField label="Note" lines={3} value={note} onChange={setNote} />
      </SheetForm>
    </Sheet>
  );
};
