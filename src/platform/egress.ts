import { lookup, Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Client, type Dispatcher } from 'undici';
import { createKeptConnections, type Keeping } from './egress/kept-connections.ts';
import { declareErrors, EidError } from './errors.ts';

declareErrors('egress', {
  refused: {
    status: 502,
    when: 'An address that a relying party named is not public, or not https: nothing is sent there.',
  },
  too_slow: { status: 502, when: 'A relying party did not answer in full within 2.5 seconds.' },
  too_large: { status: 502, when: 'A relying party answered with more than 64 KiB.' },
  failed: {
    status: 502,
    when: 'A relying party could not be reached: no such name, no connection, no valid certificate.',
  },
});

type AnyHeaders = ConstructorParameters<typeof Headers>[0];

/** What a request may carry. Redirects are never followed: a 3xx is the answer. */
export interface EgressRequest {
  readonly method?: string | undefined;
  readonly headers?: AnyHeaders | undefined;
  readonly body?: string | URLSearchParams | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * The only way out to an address that somebody else chose (jwks_uri, back-channel logout). Its shape is that of `fetch`, so
 * that it is also what oidc-provider's `fetch` setting takes.
 */
export type Egress = (url: string | URL, request?: EgressRequest) => Promise<Response>;

/** All addresses of a name. */
export type AddressResolver = (hostname: string) => Promise<string[]>;

/** What may be fetched, and how long and how much of it. */
export interface EgressOptions {
  /** Exact origins that may be private and plain http: the samples in the sandbox. */
  readonly allowOrigins?: readonly string[];
  readonly resolver?: AddressResolver;
  /** Milliseconds for all of it: name, connection, TLS, head and body. */
  readonly timeout?: number;
  readonly limit?: number;
  readonly keeping?: Partial<Keeping>;
}

// A mass logout tells one relying party many times in a row: without this, each would be a handshake.
const KEEPING: Keeping = { idle: 2_000, oldest: 60_000, each: 4, all: 256 };

/** A guard with nothing to configure about what is dangerous (abuse cases 17 and 18). */
export function createEgress(options: EgressOptions = {}): Egress {
  const { resolver = publicAddresses, timeout = 2_500, limit = 64 * 1024 } = options;
  const allowed = new Set((options.allowOrigins ?? []).map((origin) => new URL(origin).origin));
  const kept = createKeptConnections({ ...KEEPING, ...options.keeping });

  const connection = async (target: URL, until: AbortSignal): Promise<Client> => {
    const exempt = allowed.has(target.origin);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) ? [host] : await before(until, exempt ? localAddresses(host) : resolver(host));
    // One bad answer spoils all: a name that points inside as well as outside is an attack or a mistake.
    if (!exempt && !addresses.every(isPublic)) throw refused(target, 'not a public address');
    // A client of its own, connected to the addresses just checked: the name is not asked again, so that a second answer
    // (DNS rebinding) is never used. A literal address is connected to as it stands.
    return new Client(target.origin, {
      connect: { lookup: pinnedTo(addresses), autoSelectFamily: true },
      allowH2: false,
      maxHeaderSize: 16 * 1024,
    });
  };

  return async (url, { method = 'GET', headers, body, signal } = {}) => {
    // The URL parser has already turned 2130706433, 0x7f.1 and 0177.0.0.1 into 127.0.0.1 (WHATWG URL, IPv4 parser).
    const target = new URL(url);
    if (target.username || target.password) throw refused(target, 'credentials in the address');
    if (target.protocol !== 'https:' && !allowed.has(target.origin)) throw refused(target, 'not https');

    const deadline = AbortSignal.timeout(timeout);
    const until = signal ? AbortSignal.any([deadline, signal]) : deadline;
    let client: Client | undefined;
    try {
      client = kept.take(target.origin) ?? (await connection(target, until));
      // undici hears a signal only once it is connected: whoever never accepts must not hold us longer.
      const answer = await before(
        until,
        client.request({
          path: `${target.pathname}${target.search}`,
          method: method as Dispatcher.HttpMethod,
          headers: sentHeaders(headers, body),
          body: body === undefined ? null : String(body),
          signal: until,
        }),
      );
      const whole = await wholeAnswer(answer, limit);
      // Only what ended well is used again; whatever else became of a connection, nobody else meets it.
      kept.give(target.origin, client);
      client = undefined;
      return whole;
    } catch (error) {
      if (error instanceof EidError) throw error;
      if (deadline.aborted) throw new EidError('egress.too_slow', { facts: { host: target.host }, cause: error });
      throw new EidError('egress.failed', { facts: { host: target.host }, cause: error });
    } finally {
      client?.destroy().catch(() => {});
    }
  };
}

/** The guard as oidc-provider's `fetch` setting takes it: its own dispatcher and redirect mode are not needed any more. */
export const providerFetch =
  (egress: Egress): typeof globalThis.fetch =>
  (input, { method, headers, body, signal } = {}) =>
    egress(input instanceof Request ? input.url : input, {
      method,
      headers,
      signal,
      body: body === null ? undefined : (body as string | URLSearchParams | undefined),
    });

/**
 * Whether an address belongs to the public internet. Everything with a special use is not (IANA special-purpose registries,
 * RFC 6890): private, loopback, link-local with the metadata services of clouds, shared, reserved, multicast, translated.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // `process` unwraps IPv4-mapped IPv6 (::ffff:127.0.0.1).
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // IPv6 gives out global unicast addresses in 2000::/3 only; ::127.0.0.1 and other leftovers lie outside.
  return parsed instanceof ipaddr.IPv4 || parsed.match(ipaddr.IPv6.parse('2000::'), 3);
}

// c-ares asks the name servers itself: a name server that never answers cannot fill the thread pool that also hashes passwords.
const publicAddresses: AddressResolver = async (hostname) => {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
  return addresses;
};

// The hosts file included, for localhost.
const localAddresses: AddressResolver = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

const refused = ({ host }: URL, reason: string): EidError =>
  new EidError('egress.refused', { facts: { host, reason } });

const pinnedTo =
  (addresses: readonly string[]): LookupFunction =>
  (_hostname, options, answer) => {
    const known = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = known;
    if (!first) answer(new Error('no address'), []);
    else if (options.all) answer(null, known);
    else answer(null, first.address, first.family);
  };

const sentHeaders = (headers: AnyHeaders | undefined, body: EgressRequest['body']): Record<string, string> => {
  const sent = new Headers(headers);
  // Nothing is unpacked here: a small answer that unpacks to a large one has no way in.
  sent.set('accept-encoding', 'identity');
  if (body instanceof URLSearchParams && !sent.has('content-type')) {
    sent.set('content-type', 'application/x-www-form-urlencoded');
  }
  return Object.fromEntries(sent);
};

/** Rejects when the signal says so, whatever the work does then. */
async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return await new Promise<T>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
    work.then(resolve, reject);
  });
}

// Answers that have no body by their number (Fetch §2.2.6, null body status).
const BODILESS = new Set([204, 205, 304]);

/** Reads the body to its end or to the limit, whichever comes first; a longer one is no answer. */
async function wholeAnswer(answer: Dispatcher.ResponseData, limit: number): Promise<Response> {
  const tooLarge = () => new EidError('egress.too_large', { facts: { limit } });
  const { statusCode: status, body } = answer;
  // Closing the client ends the stream too; that is no fault of its own.
  body.on('error', () => {});
  if (Number(answer.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    received += chunk.length;
    if (received > limit) throw tooLarge();
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  return new Response(BODILESS.has(status) ? null : Buffer.concat(chunks), { status, headers });
}
