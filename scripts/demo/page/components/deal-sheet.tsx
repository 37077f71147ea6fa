import { useState } from 'react';
import type { Deal } from '../../../../src/client/index.ts';
import type { LeadZen } from '../../../../src/client/index.ts';
import { amountIn, amountText } from '../phone/amount.ts';
import { usePhone } from '../phone/phone-context.ts';
import { stageChoices, stagesOf } from '../phone/stages.ts';
import { useRecords, useRecordStatus } from '../phone/use-records.ts';
import { ChoiceField } from './choice-field.tsx';
import { DealOutcome } from './deal-outcome.tsx';
import { Gone } from './gone.tsx';
import { NotesOf } from './notes-of.tsx';
import { OwnerField } from './owner-field.tsx';
import { Sheet } from './sheet.tsx';
import { SheetForm } from './sheet-form.tsx';
import { StatusBadge } from './status-badge.tsx';
import { TextField } from './text-field.tsx';

/** What somebody has typed; the rest follows the record, also while the sheet is open. */
interface Edits {
  readonly name?: string;
  readonly amount?: string;
  readonly stageId?: string;
  readonly ownerId?: string;
  readonly closes?: string;
}

const save = async ({ deals }: LeadZen, deal: Deal, edits: Edits): Promise<void> => {
  const { name, amount, stageId, ownerId, closes } = edits;
  await deals.update(deal.id, {
    ...(name === undefined ? {} : { name }),
    ...(amount === undefined ? {} : { amountMinor: amountIn(amount) }),
    ...(amount === undefined || deal.currency !== null ? {} : { currency: 'EUR' }),
    ...(ownerId === undefined ? {} : { ownerId: ownerId === '' ? null : ownerId }),
    ...(closes === undefined ? {} : { expectedCloseDate: closes === '' ? null : closes }),
  });
  if (stageId !== undefined && stageId !== deal.stageId) await deals.changeStage(deal.id, stageId);
};

const DealFields = ({ deal }: { readonly deal: Deal }) => {
  const { leadzen } = usePhone();
  const stages = stagesOf(useRecords('pipelines'));
  const [edits, setEdits] = useState<Edits>({});
  const edit = (change: Edits): void => setEdits({ ...edits, ...change });
  return (
    <SheetForm submitLabel="Save" onSubmit={() => save(leadzen, deal, edits)} actions={<DealOutcome deal={deal} />}>
      <TextField label="Name" value={edits.name ?? deal.name ?? ''} onChange={(name) => edit({ name })} />
      <div className="field-pair">
        <TextField
          label={`Amount (${deal.currency ?? 'EUR'})`}
          inputMode="decimal"
          value={edits.amount ?? amountText(deal.amountMinor)}
          onChange={(amount) => edit({ amount })}
        />
        <TextField
          label="Close date"
          type="date"
          value={edits.closes ?? deal.expectedCloseDate ?? ''}
          onChange={(closes) => edit({ closes })}
        />
      </div>
      <div className="field-pair">
        <ChoiceField
          label="Stage"
          value={edits.stageId ?? deal.stageId ?? ''}
          choices={stageChoices(stages, deal.stageId).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(stageId) => edit({ stageId })}
        />
        <OwnerField value={edits.ownerId ?? deal.ownerId ?? ''} onChange={(ownerId) => edit({ ownerId })} />
      </div>
      <NotesOf about={{ type: 'deal', id: deal.id }} />
    </SheetForm>
  );
};

export const DealSheet = ({ id }: { readonly id: string }) => {
  const deal = useRecords('deals').find((candidate) => candidate.id === id);
  const status = useRecordStatus(id);
  return (
    <Sheet title={deal?.name ?? 'Deal'} badge={<StatusBadge status={status} />}>
      {deal === undefined ? <Gone what="deal" /> : <DealFields deal={deal} />}
    </Sheet>
  );
};
