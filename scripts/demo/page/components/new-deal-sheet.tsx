import { useState } from 'react';
import { amountIn } from '../phone/amount.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useNames } from '../phone/use-names.ts';
import { ChoiceField } from './choice-field.tsx';
import { Sheet } from './sheet.tsx';
import { SheetForm } from './sheet-form.tsx';
import { TextField } from './text-field.tsx';

export const NewDealSheet = () => {
  const { leadzen } = usePhone();
  const [name, setName] = useState('');
  const [amount, setAmount] = useState('');
  const [companyId, setCompanyId] = useState('');
  const companies = [...useNames('companies')].map(([value, label]) => ({ value, label }));
  const create = async (): Promise<void> => {
    const money = amount === '' ? {} : { amountMinor: amountIn(amount), currency: 'EUR' };
    await leadzen.deals.create({ name, ...money, ...(companyId === '' ? {} : { companyId }) });
  };
  return (
    <Sheet title="New deal">
      <SheetForm submitLabel="Add deal" onSubmit={create}>
        <TextField label="Name" value={name} onChange={setName} />
        <TextField label="Amount (EUR)" inputMode="decimal" value={amount} onChange={setAmount} />
        <ChoiceField
          label="Company"
          value={companyId}
          choices={[{ value: '', label: 'None yet' }, ...companies]}
          onChange={setCompanyId}
        />
      </SheetForm>
    </Sheet>
  );
};
