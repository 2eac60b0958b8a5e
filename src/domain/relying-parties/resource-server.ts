import { z } from 'zod';
import type { Fault } from './client.ts';
import { webUriFaults } from './metadata/uri.ts';

/** A protected resource that clients ask tokens for. */
export interface ResourceServer {
  /** The resource indicator (RFC 8707): an absolute URI without fragment. */
  readonly resource: string;
  /** The relying party that runs it. */
  readonly relyingParty: string;
  /** What stands in `aud`, and whose client may introspect. */
  readonly audience: string;
  readonly scopes: readonly string[];
  /** Opaque tokens end at once with their grant; a JWT lives its minutes out. */
  readonly accessTokenFormat: 'opaque' | 'jwt';
  readonly environment: 'sandbox' | 'production';
}

const schema = z.strictObject({
  resource: z.string(),
  relyingParty: z.string().min(1),
  audience: z.string().min(1).max(300),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'This is no scope token (RFC 6749 §3.3).'))
    .min(1),
  accessTokenFormat: z.enum(['opaque', 'jwt']),
  environment: z.enum(['sandbox', 'production']),
});

/** Every fault of a resource server's registration. */
export function resourceServerFaults(input: ResourceServer): Fault[] {
  const result = schema.safeParse(input);
  const faults = (result.error?.issues ?? []).map(({ path, message }) => ({ path: path.join('.'), message }));
  for (const message of webUriFaults(String(input.resource), { environment: input.environment })) {
    faults.push({ path: 'resource', message });
  }
  if (String(input.resource).includes('#')) faults.push({ path: 'resource', message: 'It holds a fragment.' });
  return faults;
}
