import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Runs a script of this folder with a JSON value as its input; the JSON value that it prints. Its complaints go to ours. */
export const runChild = async <Output>(script: string, input: object): Promise<Output> => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(JSON.stringify(input));
  const output = await text(child.stdout);
  const code = await closed;
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${output}`);
  return JSON.parse(output) as Output;
};
