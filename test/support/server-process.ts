import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server in a process of its own, started as `npm start` starts it. */
export interface ServerProcess extends AsyncDisposable {
  /** `http://127.0.0.1:53124` */
  readonly address: string;
  readonly pid: number;
  /** What it has printed for people so far. */
  readonly printed: () => string;
  /** What it has logged so far. */
  readonly logged: () => string;
  /** Sends the signal and waits until it is gone; the exit code, null when the signal killed it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** What a command printed before it ended. */
export interface Ended {
  readonly code: number | null;
  readonly printed: string;
  readonly logged: string;
}

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const READY_MS = 60_000;
const END_MS = 60_000;

type Environment = Readonly<Record<string, string>>;

const launch = (args: readonly string[], env: Environment) => {
  // Settings of whoever runs the tests do not count.
  const { PATH = '', HOME = '' } = process.env;
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { printed: '', logged: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.printed += String(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (texts.logged += String(chunk)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, texts, ended };
};

/** Runs a command to its end. `onLogged` hears all that it has logged so far, whenever there is more. */
export const runLeadZen = async (
  args: readonly string[],
  env: Environment,
  onLogged: (logged: string) => void = () => {},
): Promise<Ended> => {
  const { child, texts, ended } = launch(args, env);
  child.stderr?.on('data', () => onLogged(texts.logged));
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  const code = await ended;
  clearTimeout(timer);
  return { code, ...texts };
};

/** Starts a command that somebody will kill; whether it ended by itself with success. */
export const startLeadZen = (
  args: readonly string[],
  env: Environment,
): { readonly kill: () => void; readonly succeeded: Promise<boolean> } => {
  const { child, ended } = launch(args, env);
  return { kill: () => void child.kill('SIGKILL'), succeeded: ended.then((code) => code === 0) };
};

/** Starts a server on a free port of 127.0.0.1 and waits until it says that it is ready. */
export const startServerProcess = async (env: Environment): Promise<ServerProcess> => {
  const { child, texts, ended } = launch(['serve'], { PORT: '0', ...env });
  const deadline = Date.now() + READY_MS;
  const addressIn = (text: string) => /^ *address +(\S+)\n[^]*Ctrl-C/m.exec(text)?.[1];
  while (addressIn(texts.printed) === undefined) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the server did not start:\n${texts.printed}\n${texts.logged}`);
    }
    await sleep(20);
  }
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return {
    address: addressIn(texts.printed) ?? '',
    pid: child.pid ?? 0,
    printed: () => texts.printed,
    logged: () => texts.logged,
    end,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
};
