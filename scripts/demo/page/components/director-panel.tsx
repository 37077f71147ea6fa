import { SCENES, type Director } from '../director/director.ts';
import { useStore } from '../use-store.ts';
import { SceneSteps } from './scene-steps.tsx';

/** Five scenes, played step by step; everything in them can be done by hand as well. */
export const DirectorPanel = ({ director }: { readonly director: Director }) => {
  const { scene: chosen, isBusy } = useStore(director.play);
  return (
    <section className="panel director" aria-label="Scenes">
      <div className="scene-tabs" role="tablist" aria-label="Choose a scene">
        {SCENES.map(({ key, title }, index) => (
          <button
            key={key}
            type="button"
            role="tab"
            className="scene-tab"
            aria-selected={index === chosen}
            disabled={isBusy}
            onClick={() => director.choose(index)}
          >
            <span className="scene-number">{index + 1}</span>
            <span>{title}</span>
          </button>
        ))}
      </div>
      <SceneSteps director={director} />
    </section>
  );
};
