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

/** What a change request says of one: all of it, and whether it may be used. */
export interface ResourceServerChange extends ResourceServer {
  /** True: it is registered, and no token is issued for it. */
  readonly disabled: boolean;
}

const schema = z.strictObject({
  resource: z.string(),
  relyingParty: z.string().min(1),
  audience: z.string().regex(/^[\x21-\x7e]{1,300}$/, '1 to 300 visible characters.'),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'This is no scope token (RFC 6749 §3.3).'))
    .min(1),
  accessTokenFormat: z.enum(['opaque', 'jwt']),
  environment: z.enum(['sandbox', 'production']),
});

/** Every fault of a resource server's registration. */
export function resourceServerFaults(input: ResourceServer): Fault[] {
  const result = schema.safeParse(input);
  const faults = result.success ? [] : faultsIn(result.error);
  for (const message of webUriFaults(String(input.resource), { environment: input.environment })) {
    faults.push({ path: 'resource', message });
  }
  if (String(input.resource).includes('#')) faults.push({ path: 'resource', message: 'It holds a fragment.' });
  return faults;
}

const change = z.strictObject({ ...schema.shape, disabled: z.boolean('True or false.').default(false) });

/** A resource server as it was handed in, or every fault of it. Outside a sandbox there are none of a sandbox. */
export function parseResourceServer(
  input: unknown,
  { sandbox }: { readonly sandbox: boolean },
):
  | { readonly parsed: true; readonly subject: string; readonly value: ResourceServerChange }
  | { readonly parsed: false; readonly faults: Fault[] } {
  const result = change.safeParse(input);
  if (!result.success) return { parsed: false, faults: faultsIn(result.error) };
  const { disabled, ...server } = result.data;
  const faults = [
    ...resourceServerFaults(server),
    ...(server.environment === 'sandbox' && !sandbox ? [{ path: 'environment', message: 'This is no sandbox.' }] : []),
  ];
  if (faults.length > 0) return { parsed: false, faults };
  return { parsed: true, subject: server.resource, value: { ...server, disabled } };
}

const faultsIn = ({ issues }: z.ZodError): Fault[] =>
  issues.map(({ path, message }) => ({ path: path.join('.'), message }));
