const BAR = 30;
/** Between two lines where there is no terminal. */
const LINE_MS = 5000;
const BAR_MS = 100;

export interface Progress {
  /** Passes the bytes on and counts them. */
  readonly watch: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  readonly count: (items: number) => void;
  readonly end: () => void;
}

/** Tells how far a file is read: a bar on a terminal, a plain line now and then elsewhere. On stderr, as it is for people. */
export const createProgress = (bytes: number, items: string): Progress => {
  const terminal = process.stderr.isTTY;
  let read = 0;
  let counted = 0;
  let shown = Date.now();

  const show = () => {
    const part = bytes === 0 ? 1 : Math.min(1, read / bytes);
    const text = `${counted.toLocaleString('en')} ${items} (${Math.floor(part * 100)} %)`;
    if (!terminal) return void process.stderr.write(`${text}\n`);
    const filled = Math.round(part * BAR);
    process.stderr.write(`\r${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${text}\u001B[K`);
  };
  return {
    watch: async function* watch(source) {
      for await (const chunk of source) {
        read += chunk.length;
        yield chunk;
      }
    },
    count: (more) => {
      counted += more;
      if (Date.now() - shown < (terminal ? BAR_MS : LINE_MS)) return;
      shown = Date.now();
      show();
    },
    end: () => {
      show();
      if (terminal) process.stderr.write('\n');
    },
  };
};
