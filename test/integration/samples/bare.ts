import { exportJWK, generateKeyPair } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import { type BareProvider, startBareProvider } from '../../support/bare-provider.ts';
import { freePort, type RunningSample, runSample, type SampleName } from '../../support/samples.ts';

/** A sample and a bare provider that knows it; every test file has its own pair. */
export interface Pair {
  readonly provider: BareProvider;
  readonly sample: RunningSample;
  end(): Promise<void>;
}

/** Starts both. */
export async function pairOf(name: SampleName, options: { par?: boolean; backchannel?: boolean } = {}): Promise<Pair> {
  const port = await freePort();
  const clientId = `sample-${name}`;
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { kid: 'one', alg: 'ES256', use: 'sig' };
  const origin = `http://localhost:${port}`;
  const fapi = name === 'bank';
  const clientSecret = 'a secret of the tests, long enough';
  const metadata = {
    client_id: clientId,
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/`],
    ...(options.backchannel === false
      ? {}
      : { backchannel_logout_uri: `${origin}/backchannel_logout`, backchannel_logout_session_required: true }),
    ...(fapi
      ? {
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'ES256',
          jwks: { keys: [{ ...(await exportJWK(publicKey)), ...key }] },
          require_pushed_authorization_requests: true,
          dpop_bound_access_tokens: true,
        }
      : { client_secret: clientSecret }),
  } as ClientMetadata;
  const provider = await startBareProvider({
    clients: [metadata],
    par: options.par ?? true,
  });
  const credentials = fapi
    ? { clientJwks: { keys: [{ ...(await exportJWK(privateKey)), ...key }] } }
    : { clientSecret };
  const sample = await runSample(name, { issuer: provider.issuer, port, clientId, ...credentials });
  return {
    provider,
    sample,
    async end() {
      await sample.stop();
      await provider.stop();
    },
  };
}
