import { SCENES, type Director } from '../director/director.ts';
import { useStore } from '../use-store.ts';
import { SceneSteps } from './scene-steps.tsx';

/** Five scenes, played step by step; everything in them can be done by hand as well. */
export const DirectorPanel = ({ director }: { readonly director: Director }) => {
  const { scene: chosen, isBusy } = useStore(director.play);
  return (
    <section className="panel director" aria-label="Scenes">
      <nav className="scene-tabs" aria-label="Choose a scene">
        {SCENES.map(({ key, title }, index) => (
          <button
            key={key}
            type="button"
            className="scene-tab"
            aria-current={index === chosen}
            disabled={isBusy}
            onClick={() => director.choose(index)}
          >
            <span className="scene-number">{index + 1}</span>
            <span>{title}</span>
          </button>
        ))}
      </nav>
      <SceneSteps director={director} />
    </section>
  );
};
