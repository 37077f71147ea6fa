import { existsSync } from 'node:fs';

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** As a test machine needs it: as root, without a GPU, and calling nobody. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where this machine has its Chromium. */
export const findChromium = (): string => {
  const path = PATHS.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error('This test needs Chromium: install it (apt-get install chromium).');
  return path;
};
