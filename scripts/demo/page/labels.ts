const LABELS: Readonly<Record<string, string>> = {
  amountMinor: 'amount',
  stageId: 'stage',
  ownerId: 'owner',
  userId: 'member',
  companyId: 'company',
  expectedCloseDate: 'close date',
  statusReason: 'reason',
};

/** `closeDate` as `close date`. */
const words = (name: string): string => name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** What people call a field of an event or a record. */
export const fieldLabel = (field: string): string => LABELS[field] ?? words(field);

/** `DealStageChanged` or `close date` as the beginning of a sentence. */
export const sentence = (name: string): string => {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
};
