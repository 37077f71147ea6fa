import { usePhone } from '../phone/phone-context.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly title: string;
  readonly detail: string;
  readonly type: 'deal' | 'lead';
}

/** The head of a list, with the button for a new record. */
export const TabTitle = ({ title, detail, type }: Props) => {
  const { view } = usePhone();
  return (
    <div className="tab-title">
      <h3>{title}</h3>
      <p>{detail}</p>
      <button
        type="button"
        className="round-button"
        aria-label={`New ${type}`}
        onClick={() => view.set({ ...view.get(), sheet: { type } })}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
};
