import { SCENES, type Director, type Play } from '../director/director.ts';
import { useStore } from '../use-store.ts';

const captionOf = ({ caption, failure, isBusy }: Play, point: string): string => {
  if (failure !== undefined) return failure;
  return isBusy ? 'One moment …' : (caption ?? point);
};

const nextLabel = (played: number, total: number): string => {
  if (played >= total) return 'Play again';
  return played === 0 ? 'Begin' : 'Next step';
};

/** The steps of the chosen scene, and what the last one did. */
export const SceneSteps = ({ director }: { readonly director: Director }) => {
  const play = useStore(director.play);
  const scene = SCENES[play.scene];
  if (scene === undefined) return null;
  const total = scene.steps.length;
  return (
    <div className="scene" role="group" aria-label={scene.title}>
      <ol className="steps">
        {scene.steps.map(({ title }, index) => (
          <li key={title} data-state={index < play.played ? 'done' : index === play.played ? 'next' : 'later'}>
            {title}
          </li>
        ))}
      </ol>
      <p className="caption" role="status" data-failed={play.failure !== undefined} data-testid="caption">
        {captionOf(play, scene.point)}
      </p>
      <div className="scene-actions">
        <button type="button" className="button" disabled={play.isBusy} onClick={() => void director.playAll()}>
          {play.played === 0 || play.played >= total ? 'Play all' : 'Play the rest'}
        </button>
        <button
          type="button"
          className="button button-main"
          disabled={play.isBusy}
          onClick={() => void director.next()}
        >
          {nextLabel(play.played, total)}
        </button>
      </div>
    </div>
  );
};
