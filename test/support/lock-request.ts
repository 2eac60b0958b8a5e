import { newId } from '../../src/platform/ids.ts';
import type { TestServer } from './server.ts';

/** What an authority has asked, taken in by an officer; answers its id. */
export async function aLockRequest(
  server: Pick<TestServer, 'app'>,
  asked: {
    readonly subscriberId: string;
    readonly what?: 'lock' | 'unlock';
    readonly lockId?: string;
    readonly by?: string;
    readonly authority?: string;
    readonly document?: string;
    readonly statement?: string;
  },
): Promise<string> {
  const { by = newId(), ...words } = asked;
  const received = await server.app.parts.lockRequests.receive({
    ...{ what: 'lock', authority: 'Cơ quan điều tra', document: '17/YC', statement: 'Theo quyết định số 4.', ...words },
    by: { kind: 'operator', id: by },
  });
  if (!received.received) throw new Error(received.reason);
  return received.id;
}
