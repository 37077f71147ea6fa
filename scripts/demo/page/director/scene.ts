import type { Cast } from '../cast.ts';

/** One thing that somebody does. It goes through the same calls as a finger on the screen. */
export interface Step {
  readonly title: string;
  /** Answers, in a sentence, what just happened. */
  readonly play: (cast: Cast) => Promise<string>;
}

export interface Scene {
  readonly key: string;
  readonly title: string;
  /** What it shows, in a sentence. */
  readonly point: string;
  readonly steps: readonly Step[];
}
