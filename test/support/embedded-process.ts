// Holds an embedded PostgreSQL as a server would; the tests kill this process in every way they can think of.
import { attachOrStart, startEmbedded } from '../../src/server/database/embedded/start.ts';

const [folder = '', how = 'start'] = process.argv.slice(2);
const report = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const onCrash = (crash: string, fatal: boolean) => report({ crash, fatal });
  const server = how === 'attach' ? await attachOrStart(folder) : await startEmbedded(folder, { onCrash });
  report({ url: server.url });
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  // Whatever happens to the test, this process does not outlive it for long.
  setTimeout(() => process.exit(9), 120_000);
} catch (error) {
  report({ failed: String(error) });
  process.exitCode = 1;
}
