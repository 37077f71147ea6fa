import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../../shared/base/assert.ts';
import { openDatabase } from '../database/pool.ts';
import { createMovedPort, type FromThread, type ThreadData, type ToThread } from './thread-messages.ts';
import { yieldToPeople } from './yield-to-people.ts';
import { startProjector, type ProjectorLog } from './run.ts';

// The entry of the projector's thread: its own connections, woken by the main thread, which also writes its log.
const port = must(parentPort, 'this file is the entry of a worker thread');
const { url, isEmbedded } = workerData as ThreadData;
const tell = (message: FromThread): void => port.postMessage(message);

const logAt =
  (level: keyof ProjectorLog) =>
  (details: object, message: string): void =>
    tell({ kind: 'log', level, details, message });
const log: ProjectorLog = { info: logAt('info'), warn: logAt('warn'), error: logAt('error') };

const onConnectionLost = (error: Error): void => log.warn({ err: error }, 'a connection to PostgreSQL was lost');
const database = openDatabase(url, { onConnectionLost });
yieldToPeople(database, isEmbedded);
const wake = createMovedPort();
const projector = await startProjector({ database, wake, log });

port.on('message', (message: ToThread) => {
  if (message.kind === 'moved') return wake.moved(message.workspaceId, message.position);
  void projector
    .stop()
    .then(() => database.close())
    .finally(() => {
      tell({ kind: 'stopped' });
      port.close();
    });
});
tell({ kind: 'ready' });
