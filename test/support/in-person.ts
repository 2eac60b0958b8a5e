import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { readCard } from '../../src/reader/read-card.ts';
import { createSend, type Reply } from './http-client.ts';
import { type ClientConfig, createRelyingParty, type PartyOptions } from './relying-party.ts';
import { openCard } from './virtual-card.ts';

type Card = Pick<NonNullable<ReturnType<typeof openCard>>, 'transmit' | 'can'>;

/** Where a card is read, as the answer to POST /verifications says. */
export interface Reader {
  readonly url: string;
  readonly session: string;
  readonly token: string;
}

export interface Begun {
  readonly id: string;
  readonly expires_at: string;
  readonly reader: Reader & { readonly link: string };
  readonly picture: { readonly required: boolean };
  readonly shown: { readonly vi: string; readonly en: string };
}

/** What stands in a signed result. */
export interface Result extends JWTPayload {
  readonly nonce: string;
  readonly purpose: string;
  readonly verified: boolean;
  readonly reasons: readonly string[];
  readonly assurance_policy: string;
  readonly checks?: Readonly<Record<string, string>>;
  readonly verified_claims?: {
    readonly verification: Readonly<Record<string, unknown>>;
    readonly claims: Readonly<Record<string, unknown>>;
  };
}

/** A relying party's counter: its client, a reader and a camera. */
export type Counter = Awaited<ReturnType<typeof createCounter>>;

export const aNonce = (): string => randomBytes(24).toString('base64url');

/** Stands a counter up. `at`: where readers connect, when not where the answers say. */
export async function createCounter(
  issuer: string,
  config: ClientConfig,
  { at, ...options }: PartyOptions & { readonly at?: (url: string) => string } = {},
) {
  const party = await createRelyingParty(issuer, config, options);
  const send = options.send ?? createSend(options.via ? { via: options.via } : {});
  const resource = `${issuer}/in-person/v1`;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const token = async (params: Record<string, string> = {}): Promise<string> => {
    const reply = await party.clientCredentials({ resource, scope: 'in_person_verification', ...params });
    if (reply.status !== 200) throw new Error(`no token: ${reply.status} ${reply.text}`);
    return reply.json<{ access_token: string }>().access_token;
  };
  const own = await token();
  /** One request, with what is given in place of what would be sent. */
  const call = async (
    method: string,
    path: string,
    {
      json,
      jpeg,
      headers = {},
    }: { readonly json?: unknown; readonly jpeg?: Buffer; readonly headers?: Record<string, string> } = {},
  ): Promise<Reply> => {
    const url = `${resource}${path}`;
    const proof = party.dpop ? { dpop: await party.dpop.proof({ method, url, accessToken: own }) } : {};
    const body = jpeg ?? (json === undefined ? undefined : JSON.stringify(json));
    const type = jpeg ? 'image/jpeg' : 'application/json';
    return send(url, {
      method,
      headers: {
        authorization: `${party.dpop ? 'DPoP' : 'Bearer'} ${own}`,
        ...proof,
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  };
  const open = async (asked: object = {}): Promise<Begun & { readonly nonce: string }> => {
    const nonce = aNonce();
    const reply = await call('POST', '/verifications', { json: { purpose: 'reception', nonce, ...asked } });
    if (reply.status !== 201) throw new Error(`not begun: ${reply.status} ${reply.text}`);
    return { ...reply.json<Begun>(), nonce };
  };
  /** Lays a card on the reader. */
  const lay = (card: string | Card, { url, token: once }: Reader) => {
    const opened = typeof card === 'string' ? openCard(card, { random: randomBytes }) : card;
    if (!opened) throw new Error(`there is no card ${String(card)}`);
    const password = { kind: 'CAN', secret: opened.can } as const;
    return readCard({ url: at?.(url) ?? url, token: once, password, transmit: opened.transmit });
  };
  const finish = (id: string, picture?: Buffer): Promise<Reply> =>
    call('POST', `/verifications/${id}/result`, picture ? { jpeg: picture } : {});
  const read = async (signed: string, moment: Date = new Date()): Promise<Result> => {
    const rules = { issuer, audience: config.client_id, typ: 'verification-result+jwt', currentDate: moment };
    return (await jwtVerify<Result>(signed, keys, rules)).payload;
  };
  return {
    ...{ party, resource, token, own, call, open, lay, finish, read },
    /** The whole way: opens one, reads the card, takes the picture; answers what the result says. */
    async check(card: string | Card, picture: Buffer | undefined, asked: object = {}, moment?: Date): Promise<Result> {
      const begun = await open({ face: picture !== undefined, ...asked });
      await lay(card, begun.reader);
      const reply = await finish(begun.id, picture);
      if (reply.status !== 200) throw new Error(`no result: ${reply.status} ${reply.text}`);
      const result = await read(reply.json<{ result: string }>().result, moment);
      if (result.nonce !== begun.nonce) throw new Error('the result of another verification');
      return result;
    },
  };
}
