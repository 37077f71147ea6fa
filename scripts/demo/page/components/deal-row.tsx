import type { Deal } from '../../../../src/client/index.ts';
import { day, money } from '../format.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useNames } from '../phone/use-names.ts';
import { useRecordStatus } from '../phone/use-records.ts';
import { useSpotlight } from '../phone/use-spotlight.ts';
import { OwnerAvatar } from './owner-avatar.tsx';
import { StatusBadge } from './status-badge.tsx';

export const DealRow = ({ deal }: { readonly deal: Deal }) => {
  const { view } = usePhone();
  const company = useNames('companies').get(deal.companyId ?? '');
  const status = useRecordStatus(deal.id);
  const { row, isLit } = useSpotlight(deal.id);
  return (
    <button
      ref={row}
      type="button"
      data-lit={isLit}
      className="row"
      data-record={deal.name}
      onClick={() => view.set({ ...view.get(), sheet: { type: 'deal', id: deal.id } })}
    >
      <span className="row-name">{deal.name}</span>
      <span className="row-figure">{money(deal.amountMinor, deal.currency)}</span>
      <span className="row-detail">{company ?? day(deal.expectedCloseDate)}</span>
      <span className="row-marks">
        <StatusBadge status={status} isTerse />
        <OwnerAvatar ownerId={deal.ownerId} />
      </span>
    </button>
  );
};
