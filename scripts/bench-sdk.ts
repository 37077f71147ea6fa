// npm run bench:sdk
import { clientRows } from './bench-sdk/client.ts';
import { describeSdkRows, isMissed } from './bench-sdk/row.ts';
import { storageRows } from './bench-sdk/storage.ts';

/** Everything that a phone waits for, in Node on this machine. */
const rows = [...(await storageRows()), ...(await clientRows())];
process.stdout.write(
  `Node ${process.version}; a phone's engine without a compiler is slower, by how much was not measured\n`,
);
process.stdout.write(`${describeSdkRows(rows)}\n`);
process.exitCode = rows.some(isMissed) ? 1 : 0;
