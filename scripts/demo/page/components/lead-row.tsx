import type { Lead } from '../../../../src/client/index.ts';
import { usePhone } from '../phone/phone-context.ts';
import { useRecordStatus } from '../phone/use-records.ts';
import { useSpotlight } from '../phone/use-spotlight.ts';
import { OwnerAvatar } from './owner-avatar.tsx';
import { StatusBadge } from './status-badge.tsx';

export const LeadRow = ({ lead }: { readonly lead: Lead }) => {
  const { view } = usePhone();
  const status = useRecordStatus(lead.id);
  const { row, isLit } = useSpotlight(lead.id);
  const position = [lead.title, lead.companyName].filter(Boolean).join(', ');
  return (
    <button
      ref={row}
      type="button"
      data-lit={isLit}
      className="row row-lead"
      data-record={lead.name}
      onClick={() => view.set({ ...view.get(), sheet: { type: 'lead', id: lead.id } })}
    >
      <span className="row-name">{lead.name ?? lead.companyName}</span>
      <span className="row-figure">
        {lead.priority === 'high' && <span className="priority">high</span>}
        {lead.status}
      </span>
      <span className="row-detail">{position}</span>
      <span className="row-marks">
        <StatusBadge status={status} isTerse />
        <OwnerAvatar ownerId={lead.ownerId} />
      </span>
      <span className="row-note">{lead.note ?? 'No note yet'}</span>
    </button>
  );
};
