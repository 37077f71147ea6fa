import { useInbox } from '../phone/use-inbox.ts';
import { ConflictCard } from './conflict-card.tsx';
import { Empty } from './empty.tsx';
import { RefusedCard } from './refused-card.tsx';

/** What a person has to decide: conflicts, and events that were refused. */
export const InboxTab = () => {
  const { conflicts, refused } = useInbox();
  return (
    <>
      <div className="tab-title">
        <h3>Inbox</h3>
        <p>{conflicts.length + refused.length} to decide</p>
      </div>
      <div className="scroll">
        {conflicts.length + refused.length === 0 && (
          <Empty title="Nothing to decide" text="Conflicts and refused changes come here, and wait for you." />
        )}
        {conflicts.map((conflict) => (
          <ConflictCard key={conflict.id} conflict={conflict} />
        ))}
        {refused.map((event) => (
          <RefusedCard key={event.id} event={event} />
        ))}
      </div>
    </>
  );
};
