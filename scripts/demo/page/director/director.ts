import type { Cast } from '../cast.ts';
import { createStore, type Store } from '../store.ts';
import { accessScene } from './access-scene.ts';
import { conflictScene } from './conflict-scene.ts';
import { convergeScene } from './converge-scene.ts';
import { mergeScene } from './merge-scene.ts';
import { refusedScene } from './refused-scene.ts';
import type { Scene } from './scene.ts';

export const SCENES: readonly Scene[] = [mergeScene, conflictScene, refusedScene, accessScene, convergeScene];

/** Where the play stands. */
export interface Play {
  readonly scene: number;
  /** Steps played. */
  readonly played: number;
  readonly isBusy: boolean;
  /** What just happened. */
  readonly caption: string | undefined;
  readonly failure: string | undefined;
}

export interface Director {
  readonly play: Store<Play>;
  readonly choose: (scene: number) => void;
  /** Plays the next step of the scene; after the last one the scene begins anew. */
  readonly next: () => Promise<void>;
  readonly playAll: () => Promise<void>;
}

/** Long enough to see what a step changed before the next one changes more. */
const BREATH_MS = 1600;

const begin = (scene: number): Play => ({ scene, played: 0, isBusy: false, caption: undefined, failure: undefined });

const breathe = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, BREATH_MS));

export const createDirector = (cast: Cast): Director => {
  const play = createStore(begin(0));
  const sceneNow = (): Scene | undefined => SCENES[play.get().scene];

  const next = async (): Promise<void> => {
    const { isBusy, scene, played } = play.get();
    const steps = sceneNow()?.steps ?? [];
    const index = played < steps.length ? played : 0;
    const step = steps[index];
    if (isBusy || step === undefined) return;
    play.set({ ...begin(scene), played: index, isBusy: true });
    try {
      const caption = await step.play(cast);
      play.set({ ...begin(scene), played: index + 1, caption });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      play.set({ ...begin(scene), played: index, failure });
    }
  };
  const playAll = async (): Promise<void> => {
    const { scene } = play.get();
    do {
      await next();
      if (play.get().failure !== undefined) return;
      await breathe();
    } while (play.get().scene === scene && !play.get().isBusy && play.get().played < (sceneNow()?.steps.length ?? 0));
  };
  return { play, choose: (scene) => !play.get().isBusy && play.set(begin(scene)), next, playAll };
};
