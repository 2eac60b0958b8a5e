import { randomBytes } from 'node:crypto';
import { createBrowser, createSend, type Send } from '../support/http-client.ts';
import {
  type ClientConfig,
  createRelyingParty,
  fapiClient,
  type PartyOptions,
  type RelyingParty,
  type Tokens,
} from '../support/relying-party.ts';
import type { Means } from '../support/sign-in.ts';
import type { Target } from './target.ts';

/** One thing that is measured: `prepare` makes what one worker needs and answers the operation itself. */
export interface Operation {
  readonly name: string;
  prepare(target: Target, send: Send): Promise<() => Promise<void>>;
}

const SCOPE = 'openid profile assurance';
const GRANTS = 16;

/** Everything is done as a relying party and a browser do it: discovery is read once, tokens are used as they come. */
export const operations: readonly Operation[] = [
  {
    name: 'discovery',
    prepare: async ({ issuer }, send) => fetches(send, `${issuer}/.well-known/openid-configuration`),
  },
  { name: 'jwks', prepare: async (target, send) => fetches(send, (await plain(target, send)).server.jwks_uri!) },
  { name: 'client_credentials_opaque', prepare: credentials({}) },
  {
    name: 'client_credentials_jwt',
    prepare: async (target, send) => credentials({ resource: target.resource })(target, send),
  },
  {
    name: 'introspection',
    async prepare(target, send) {
      const party = await plain(target, send);
      const { access_token } = await newcomer(target, send, party, 'password');
      return async () => {
        const { active } = taken(await party.introspect(access_token)).json<{ active: boolean }>();
        if (!active) throw new Error('the token is not active');
      };
    },
  },
  {
    name: 'userinfo',
    async prepare(target, send) {
      const party = await plain(target, send);
      const { access_token } = await newcomer(target, send, party, 'password');
      return async () => void taken(await party.userinfo(access_token));
    },
  },
  {
    name: 'refresh',
    // A public client: the one whose tokens rotate. Several grants in turn, because the memory adapter walks through all that
    // was ever issued under a grant: one long chain would make the bare library slower from one refresh to the next.
    async prepare(target, send) {
      const party = await partyOf(target, target.clients.public, send);
      const tokens: (string | undefined)[] = [];
      for (let grant = 0; grant < GRANTS; grant += 1)
        tokens.push((await newcomer(target, send, party, 'password')).refresh_token);
      let turn = 0;
      return async () => {
        turn = (turn + 1) % GRANTS;
        const token = tokens[turn];
        if (!token) throw new Error('no refresh token was issued');
        tokens[turn] = taken(await party.refresh(token)).json<Tokens>().refresh_token;
      };
    },
  },
  { name: 'code_password', prepare: code('password') },
  { name: 'code_passkey', prepare: code('passkey') },
  {
    name: 'code_session',
    async prepare(target, send) {
      const party = await plain(target, send);
      const browser = createBrowser({ send });
      const begin = async (): Promise<string> => {
        const started = await party.begin({ scope: SCOPE });
        const page = await browser.open(started.url);
        const { location } = page.location ? page : await target.signIn(page, 'password');
        await redeem(party, location, started);
        return page.url;
      };
      await begin();
      return async () => {
        const url = await begin();
        if (url.includes('/interaction/')) throw new Error('the session was not enough');
      };
    },
  },
  {
    name: 'fapi',
    async prepare(target, send) {
      // Discovery and the key are made once; assertions, proofs and the pushed request are made for each flow.
      const party = await fapiClient(target.issuer, target.clients.fapi, { send });
      return async () => void (await newcomer(target, send, party, 'passkey'));
    },
  },
];

const partyOf = (target: Target, config: ClientConfig, send: Send, more: PartyOptions = {}): Promise<RelyingParty> =>
  createRelyingParty(target.issuer, config, { send, ...more });
const plain = (target: Target, send: Send): Promise<RelyingParty> => partyOf(target, target.clients.plain, send);

function fetches(send: Send, url: string): () => Promise<void> {
  return async () => void taken(await send(url));
}

function credentials(params: Record<string, string>): Operation['prepare'] {
  return async (target, send) => {
    const party = await partyOf(target, target.clients.service ?? target.clients.plain, send);
    return async () => void taken(await party.clientCredentials(params));
  };
}

function code(means: Means): Operation['prepare'] {
  return async (target, send) => {
    const party = await plain(target, send);
    return async () => void (await newcomer(target, send, party, means));
  };
}

/** The whole flow of a browser that was never here: sign-in, code, tokens, userinfo. */
async function newcomer(target: Target, send: Send, party: RelyingParty, means: Means): Promise<Tokens> {
  const started = await party.begin({ scope: SCOPE });
  const page = await createBrowser({ send, headers: fromAnywhere() }).open(started.url);
  const { location, words } = await target.signIn(page, means);
  if (!location) throw new Error(`the sign-in stopped at: ${words.slice(0, 300)}`);
  return redeem(party, location, started);
}

/** Those who sign in do not all sit behind one address: its counter would be one row that all of them wait for. */
const fromAnywhere = (): Record<string, string> => ({
  'x-forwarded-for': [10, ...randomBytes(3)].join('.'),
});

async function redeem(
  party: RelyingParty,
  location: string | undefined,
  started: { verifier: string; redirectUri: string },
): Promise<Tokens> {
  const tokens = taken(await party.exchange(location ?? '', started)).json<Tokens>();
  taken(await party.userinfo(tokens.access_token));
  return tokens;
}

function taken<Reply extends { status: number; url: string; text: string }>(reply: Reply): Reply {
  if (reply.status !== 200) throw new Error(`${reply.status} from ${reply.url}: ${reply.text.slice(0, 300)}`);
  return reply;
}

/** A sender that counts. */
export function countingSend(): { send: Send; sent: () => number } {
  const plainSend = createSend();
  let sent = 0;
  return {
    send: (url, sending) => {
      sent += 1;
      return plainSend(url, sending);
    },
    sent: () => sent,
  };
}
