import type { Config } from '../config.ts';

/** 0 done, 1 failed, 2 called in a way that makes no sense. */
export type ExitCode = 0 | 1 | 2;

/** One command of `leadzen`; one file each, one entry in `main.ts`. */
export interface Command {
  /** What `--help` prints: how it is called, options, what it does. */
  readonly usage: string;
  readonly run: (args: readonly string[], config: Config) => Promise<ExitCode>;
}

/** The command line makes no sense; printed with a pointer to `--help`, exit code 2. */
export class UsageError extends Error {}

/** An expected failure: its message is all that is printed, exit code 1. */
export class CommandFailed extends Error {}

/** Writes a line for people. */
export const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Writes a line for people who must act; it does not mix with output that a program reads. */
export const warn = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
