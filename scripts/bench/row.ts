import type { BenchServer } from './bench-server.ts';

/** One line of the table: a figure, its yardstick of the same run, and what their ratio should be. */
export interface BenchRow {
  readonly name: string;
  readonly figure: Figure;
  readonly yardstick: Figure;
  /** What must hold, and what we are out for. */
  readonly bar: number;
  readonly goal: number;
  /** Latencies, memory, and whatever else one should know of it. */
  readonly notes: readonly string[];
}
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly what: string;
}

export interface BenchOptions {
  /** Of load, after the warm-up. */
  readonly seconds: number;
  /** In the log before a rebuild and a restricted pull. */
  readonly events: number;
}

export type Bench = (server: BenchServer, options: BenchOptions) => Promise<BenchRow>;

export const WARM_UP_SECONDS = 2;
