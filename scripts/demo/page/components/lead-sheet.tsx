import { useState } from 'react';
import type { LeadZen } from '../../../../src/client/index.ts';
import type { Lead } from '../../../../src/client/index.ts';
import { LEAD_PRIORITIES, LEAD_STATUSES } from '../../../../src/shared/contract/events/lead.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useRecords, useRecordStatus } from '../phone/use-records.ts';
import { ChoiceField } from './choice-field.tsx';
import { ConvertButton } from './convert-button.tsx';
import { Gone } from './gone.tsx';
import { OwnerField } from './owner-field.tsx';
import { Sheet } from './sheet.tsx';
import { SheetForm } from './sheet-form.tsx';
import { StatusBadge } from './status-badge.tsx';
import { TextField } from './text-field.tsx';

type Edits = Partial<Record<'name' | 'title' | 'companyName' | 'note' | 'status' | 'priority' | 'ownerId', string>>;

const CLEARABLE = new Set(['title', 'companyName', 'note', 'ownerId']);

/** What was typed, as the SDK takes it: an emptied field is cleared. */
const patchOf = (edits: Edits): Parameters<LeadZen['leads']['update']>[1] =>
  Object.fromEntries(
    Object.entries(edits).map(([field, value]) => [field, value === '' && CLEARABLE.has(field) ? null : value]),
  );

const wordChoices = (words: readonly string[]) => words.map((word) => ({ value: word, label: word }));

const LeadFields = ({ lead }: { readonly lead: Lead }) => {
  const { leadzen } = usePhone();
  const [edits, setEdits] = useState<Edits>({});
  const bind = (field: keyof Edits) => ({
    value: edits[field] ?? lead[field] ?? '',
    onChange: (value: string) => setEdits({ ...edits, [field]: value }),
  });
  return (
    <SheetForm
      submitLabel="Save"
      onSubmit={() => leadzen.leads.update(lead.id, patchOf(edits))}
      actions={<ConvertButton lead={lead} />}
    >
      <TextField label="Name" {...bind('name')} />
      <TextField label="Title" {...bind('title')} />
      <TextField label="Company" {...bind('companyName')} />
      <div className="field-pair">
        <ChoiceField label="Status" choices={wordChoices(LEAD_STATUSES)} {...bind('status')} />
        <ChoiceField label="Priority" choices={wordChoices(LEAD_PRIORITIES)} {...bind('priority')} />
      </div>
      <OwnerField {...bind('ownerId')} />
      <TextField label="Note" lines={3} {...bind('note')} />
    </SheetForm>
  );
};

export const LeadSheet = ({ id }: { readonly id: string }) => {
  const lead = useRecords('leads').find((candidate) => candidate.id === id);
  const status = useRecordStatus(id);
  return (
    <Sheet title={lead?.name ?? 'Lead'} badge={<StatusBadge status={status} />}>
      {lead === undefined ? <Gone what="lead" /> : <LeadFields lead={lead} />}
    </Sheet>
  );
};
