// Ngân hàng Sông Hồng, an invented bank and FAPI 2.0 client: a signed assertion, PAR, PKCE, and tokens bound to a key.
import { importJWK, type JWK } from 'jose';
import * as oidc from 'openid-client';
import { html } from '../page.ts';
import { backchannelLogout, contextNamed, findProvider } from '../provider.ts';
import { Refusal } from '../refusal.ts';
import { type Context, createSite } from '../site.ts';

const { ISSUER = 'http://localhost:3000', PORT = '3002', CLIENT_ID = 'sample-bank', CLIENT_JWKS = '' } = process.env;
const origin = `http://localhost:${PORT}`;
/** From here on a transfer takes a face besides a possession: authentication level 3. */
const LIMIT = 10_000_000;

type Transfer = { to: string; amount: number };
interface Session {
  /** Sign-ins under way, by `state`: one a browser tab. */
  asked: Map<string, { nonce: string; verifier: string; key: oidc.DPoPHandle; acr: string; transfer?: Transfer }>;
  customer: { sub: string; sid?: unknown; name: string; idToken: string };
  balance: number;
  done: Transfer;
}

const jwk = (JSON.parse(CLIENT_JWKS) as { keys: JWK[] }).keys[0]!;
const key = (await importJWK(jwk, jwk.alg ?? 'ES256')) as oidc.CryptoKey;
const auth = oidc.PrivateKeyJwt(jwk.kid ? { key, kid: jwk.kid } : key);
const provider = findProvider(ISSUER, CLIENT_ID, auth);

const site = await createSite<Session>({
  name: { vi: 'Ngân hàng Sông Hồng', en: 'Sông Hồng Bank' },
  mark: 'SH',
  look: 'bank',
  issuer: ISSUER,
  port: Number(PORT),
});

const tooMuch = new Refusal(
  'Chuyển trên 10.000.000 đồng cần SenID so khuôn mặt của bạn (mức xác thực 3). Việc đó chưa xong, nên tiền chưa được chuyển. Bạn thêm khuôn mặt trong tài khoản SenID, hoặc chuyển từ 10.000.000 đồng trở xuống.',
  'A transfer above 10,000,000 VND needs SenID to compare your face (authentication level 3). That was not done, so no money was sent. Add your face in your SenID account, or send up to 10,000,000 VND.',
);

/** Sends the browser to the provider, which must reach `acr` or say why not. */
async function signIn(ctx: Context<Session>, acr: string, transfer?: Transfer): Promise<void> {
  const config = await provider;
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const key = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
  const { session, locale } = ctx.state;
  session.asked ??= new Map();
  session.asked.set(state, { nonce, verifier, key, acr, ...(transfer ? { transfer } : {}) });
  const request = {
    redirect_uri: `${origin}/callback`,
    scope: 'openid profile assurance',
    acr_values: acr,
    ui_locales: locale,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  ctx.redirect((await oidc.buildAuthorizationUrlWithPAR(config, request, { DPoP: key })).href);
}

site.routes.get('/sign-in', async (ctx) => signIn(ctx, contextNamed(await provider, 'level-2')));

site.routes.get('/callback', async (ctx) => {
  const config = await provider;
  const { session } = ctx.state;
  const here = new URL(ctx.url, origin);
  const state = here.searchParams.get('state') ?? '';
  const asked = session.asked?.get(state);
  if (!asked) throw new Refusal('Lần đăng nhập này không bắt đầu từ đây.', 'This sign-in did not start here.');
  session.asked?.delete(state);
  const { nonce: expectedNonce, verifier: pkceCodeVerifier, key: DPoP } = asked;
  const checks = { expectedState: state, expectedNonce, pkceCodeVerifier, idTokenExpected: true };
  // Checks state, iss, nonce, signature, audience and times, and redeems the code with its PKCE verifier and key.
  const tokens = await oidc.authorizationCodeGrant(config, here, checks, undefined, { DPoP }).catch((error) => {
    if (asked.transfer && error.error === 'unmet_authentication_requirements') throw tooMuch;
    throw error;
  });
  const claims = tokens.claims()!;
  // A provider may answer less than it was asked: only this comparison makes the level count.
  if (claims.acr !== asked.acr)
    throw new Refusal('SenID chưa xác nhận mức chúng tôi cần.', 'SenID did not confirm the level we need.');
  if (asked.transfer) {
    // Whoever proves level 3 must be whose money it is.
    if (claims.sub !== session.customer?.sub)
      throw new Refusal('Đây là một người khác với chủ tài khoản.', 'This is not the holder of the account.');
    send(session, asked.transfer);
  } else {
    const { name = '' } = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP });
    const customer = { sub: claims.sub, sid: claims.sid, name, idToken: tokens.id_token! };
    ctx.state.session = { customer, balance: 48_500_000 };
    ctx.state.renew();
  }
  ctx.redirect('/');
});

function send(session: Partial<Session>, transfer: Transfer): void {
  const balance = (session.balance ?? 0) - transfer.amount;
  if (balance < 0) throw new Refusal('Tài khoản không đủ tiền.', 'There is not enough money in the account.');
  Object.assign(session, { balance, done: transfer });
}

site.routes.post('/transfer', async (ctx) => {
  const { session } = ctx.state;
  if (!session.customer) return ctx.redirect('/');
  const { to = '', amount: typed = '' } = ctx.request.body as Record<string, string>;
  const amount = Number(typed.replace(/[\s.,]/g, ''));
  if (!to.trim() || !Number.isSafeInteger(amount) || amount < 1)
    throw new Refusal('Hãy ghi người nhận và số tiền.', 'Give a payee and an amount.');
  if (amount > LIMIT) return signIn(ctx, contextNamed(await provider, '2.3'), { to, amount });
  send(session, { to, amount });
  ctx.redirect('/');
});

site.routes.post('/sign-out', async (ctx) => {
  const { customer } = ctx.state.session;
  ctx.state.session = {};
  ctx.state.renew();
  const request = { id_token_hint: customer?.idToken ?? '', post_logout_redirect_uri: `${origin}/` };
  ctx.redirect(customer ? oidc.buildEndSessionUrl(await provider, request).href : '/');
});

const endSessions = backchannelLogout(provider, CLIENT_ID, (concerns) =>
  site.endSessions(({ customer }) => concerns(customer)),
);
site.routes.post('/backchannel_logout', endSessions);

site.routes.get('/', (ctx) => {
  const { say, show, session, locale } = ctx.state;
  if (!session.customer) {
    const why = say('Ngân hàng cần biết chắc đó là bạn: mức 2.', 'A bank must be sure that it is you: level 2.');
    const body = html`<p class="soft">${why}</p><a class="button" href="/sign-in">${say('Đăng nhập bằng SenID', 'Sign in with SenID')}</a>`;
    return show(say('Tài khoản của bạn', 'Your account'), body);
  }
  const dong = (amount = 0): string => `${amount.toLocaleString(locale)} ₫`;
  const { done } = session;
  const sent =
    done && say(`Đã chuyển ${dong(done.amount)} cho ${done.to}.`, `Sent ${dong(done.amount)} to ${done.to}.`);
  const body = html`${sent ? html`<p role="status">${sent}</p>` : undefined}<dl class="card">
<dt>${say('Chủ tài khoản', 'Holder')}</dt><dd id="customer">${session.customer.name}</dd>
<dt>${say('Số dư', 'Balance')}</dt><dd id="balance">${dong(session.balance)}</dd></dl>
<form method="post" action="/transfer"><h2>${say('Chuyển tiền', 'Transfer')}</h2>
<label for="to">${say('Người nhận', 'To')}</label><input id="to" name="to" autocomplete="off" required>
<label for="amount">${say('Số tiền (đồng)', 'Amount (VND)')}</label><input id="amount" name="amount" inputmode="numeric" required>
<button>${say('Chuyển', 'Send')}</button></form>
<form method="post" action="/sign-out"><button class="quiet">${say('Đăng xuất', 'Sign out')}</button></form>`;
  show(say('Tài khoản của bạn', 'Your account'), body, session.customer.idToken);
});

site.listen();
