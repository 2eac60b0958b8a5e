import { CALLBACK } from '../support/http-client.ts';
import { freePort } from '../support/samples.ts';
import { createKeys, SECRET } from '../support/stored-provider.ts';
import { startPostgres } from './postgres.ts';
import { treeCpuMs } from './process-tree.ts';
import { readFrom, startMeasured, stopMeasured, type Target, untilServing } from './target.ts';

/** The protocol's part alone: our storage under bare oidc-provider, without people, levels, consents and pages. */
export async function startStored(folder: string): Promise<Target> {
  const postgres = await startPostgres();
  const [keys, port, log] = [await createKeys(), await freePort(), `${folder}/stored.log`];
  const environment = { DATABASE_URL: postgres.url, KEYS: JSON.stringify(keys), PORT: String(port) };
  const child = await startMeasured('./stored-server.ts', environment, log);
  const issuer = `http://localhost:${port}`;
  const stop = async (): Promise<void> => {
    await stopMeasured(child);
    await postgres.stop();
  };
  await untilServing(`${issuer}/.well-known/openid-configuration`, child, log).catch(async (error) => {
    await stop();
    throw error;
  });
  const redirect_uris = [CALLBACK];
  return {
    issuer,
    clients: {
      plain: { client_id: 'web', client_secret: SECRET, redirect_uris },
      public: { client_id: 'app', redirect_uris },
      fapi: { client_id: 'fapi', jwks: { keys: [keys.client] }, redirect_uris },
      service: { client_id: 'service', client_secret: SECRET },
    },
    resource: '',
    lacks: ['client_credentials_jwt'],
    signIn: (page) => page.submit(),
    read: () => readFrom(child),
    databaseMs: () => treeCpuMs(postgres.pid),
    stop,
  };
}
