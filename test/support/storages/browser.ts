import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS } from '../chromium.ts';
import type { BrowserPage } from './browser-page.ts';

const bundle = async (): Promise<string> => {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'browser-page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2024',
  });
  return built.outputFiles[0]?.text ?? '';
};

/** A page on loopback, which browsers trust like TLS: without that there is no WebCrypto. */
const serve = async (script: string) => {
  const server = createServer((request, answer) => {
    const isScript = request.url === '/page.js';
    answer.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    answer.end(isScript ? script : '<!doctype html><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

export interface Browser {
  /** Runs in the page, which is a new one after `restart`. */
  run<T>(what: (page: BrowserPage) => Promise<T>): Promise<T>;
  /** Closes the browser and opens it again on the same disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Chromium of the system with the real AsyncStorage in it. */
export const startBrowser = async (executablePath: string): Promise<Browser> => {
  const { server, url } = await serve(await bundle());
  const profile = await mkdtemp(join(tmpdir(), 'leadzen-chromium-'));
  const open = async (): Promise<Page> => {
    const context = await chromium.launchPersistentContext(profile, { executablePath, args: CHROMIUM_FLAGS });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  };
  let page = await open();
  return {
    run: (what) => page.evaluate(`(${what.toString()})(globalThis.leadzen)`),
    restart: async () => {
      await page.context().close();
      page = await open();
    },
    stop: async () => {
      await page.context().close();
      server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
};
