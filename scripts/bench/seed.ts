import { OK_PUSH, runLoad } from './load.ts';
import type { BenchServer } from './bench-server.ts';

const PER_REQUEST = 100;

/** Pushes until the log has so many events, and waits for the read models. The seconds that it took count for nothing. */
export const seedEvents = async (server: BenchServer, events: number): Promise<void> => {
  const { port, me, openStages } = server;
  for (;;) {
    const { head } = await server.sync({ cursor: null, limit: 1 });
    const requests = Math.min(5000, Math.ceil((events - head) / PER_REQUEST));
    if (requests <= 0) break;
    const bodies = { deviceId: me.deviceId, openStages, perRequest: PER_REQUEST, requests };
    const { accessToken: token } = me;
    await runLoad({
      port,
      path: '/api/sync',
      token,
      connections: 8,
      warmUpSeconds: 0,
      seconds: 300,
      bodies,
      ...OK_PUSH,
    });
  }
  await server.projected();
};
