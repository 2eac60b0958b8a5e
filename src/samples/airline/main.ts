// Lotus Air, an invented airline. Its passengers sign in with SenID at level 1 to see their miles, and check in at
// level 2: known well, and strongly proven just now.
import * as oidc from 'openid-client';
import { html } from '../page.ts';
import { backchannelLogout, contextNamed, findProvider, securityEvents } from '../provider.ts';
import { Refusal } from '../refusal.ts';
import { type Context, createSite } from '../site.ts';

const { ISSUER = 'http://localhost:3000', PORT = '3001', CLIENT_ID = 'sample-airline' } = process.env;
const { CLIENT_SECRET = '' } = process.env;
const origin = `http://localhost:${PORT}`;

interface Session {
  /** Sign-ins under way, by `state`: one a browser tab. */
  asked: Map<string, { nonce: string; verifier: string; acr: string }>;
  passenger: { sub: string; sid?: unknown; name: string; checkedIn: boolean; idToken: string };
  /** Who was signed in here until SenID ended it. */
  left: string;
}

/** Who took back that we may have their name: whatever we keep of them goes, and they read so. */
const gone = new Set<string>();

const provider = findProvider(ISSUER, CLIENT_ID, oidc.ClientSecretBasic(CLIENT_SECRET));

/** Sends the browser to the provider, which must reach `level` or say why not. */
async function signIn(ctx: Context<Session>, level: 'level-1' | 'level-2'): Promise<void> {
  const config = await provider;
  const acr = contextNamed(config, level);
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const { session, locale } = ctx.state;
  session.asked ??= new Map();
  session.asked.set(state, { nonce, verifier, acr });
  const request = {
    redirect_uri: `${origin}/callback`,
    // The name alone: whoever boards has no need to tell an airline more, and sees so before agreeing.
    scope: 'openid assurance',
    claims: JSON.stringify({ userinfo: { name: null } }),
    acr_values: acr,
    ui_locales: locale,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  const url = config.serverMetadata().pushed_authorization_request_endpoint
    ? await oidc.buildAuthorizationUrlWithPAR(config, request)
    : oidc.buildAuthorizationUrl(config, request);
  ctx.redirect(url.href);
}

const site = await createSite<Session>({
  name: { vi: 'Hãng hàng không Lotus Air', en: 'Lotus Air' },
  mark: 'LA',
  look: 'airline',
  issuer: ISSUER,
  port: Number(PORT),
});

site.routes.get('/sign-in', (ctx) => signIn(ctx, 'level-1'));
site.routes.get('/check-in', (ctx) => signIn(ctx, 'level-2'));

site.routes.get('/callback', async (ctx) => {
  const config = await provider;
  const { session, renew } = ctx.state;
  const here = new URL(ctx.url, origin);
  const state = here.searchParams.get('state') ?? '';
  const asked = session.asked?.get(state);
  if (!asked)
    throw new Refusal(
      'Lần đăng nhập này không bắt đầu từ đây. Hãy thử lại.',
      'This sign-in did not start here. Try again.',
    );
  session.asked?.delete(state);
  // Checks state, iss, nonce, signature, audience and times, and redeems the code with its PKCE verifier.
  const checks = {
    expectedState: state,
    expectedNonce: asked.nonce,
    pkceCodeVerifier: asked.verifier,
    idTokenExpected: true,
  };
  const tokens = await oidc.authorizationCodeGrant(config, here, checks);
  const claims = tokens.claims()!;
  // A provider may answer less than it was asked: only this comparison makes the level count.
  if (claims.acr !== asked.acr)
    throw new Refusal('SenID chưa xác nhận mức chúng tôi cần.', 'SenID did not confirm the level we need.');
  const { name = '' } = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  const checkedIn = asked.acr === contextNamed(config, 'level-2');
  gone.delete(claims.sub);
  session.passenger = { sub: claims.sub, sid: claims.sid, name, checkedIn, idToken: tokens.id_token! };
  renew();
  ctx.redirect('/');
});

site.routes.post('/sign-out', async (ctx) => {
  const config = await provider;
  const { passenger } = ctx.state.session;
  ctx.state.session = {};
  ctx.state.renew();
  if (!passenger) return ctx.redirect('/');
  const request = { id_token_hint: passenger.idToken, post_logout_redirect_uri: `${origin}/` };
  ctx.redirect(oidc.buildEndSessionUrl(config, request).href);
});

const endSessions = backchannelLogout(provider, CLIENT_ID, (concerns) =>
  site.endSessions(({ passenger }) => concerns(passenger), leave),
);
site.routes.post('/backchannel_logout', endSessions);

const leave = ({ passenger }: Partial<Session>): Partial<Session> => (passenger ? { left: passenger.sub } : {});
const learn = securityEvents(provider, CLIENT_ID, (event, sub) => {
  if (event !== 'consent-withdrawn' && event !== 'account-unlinked') return;
  gone.add(sub);
  site.endSessions(({ passenger }) => passenger?.sub === sub, leave);
});
site.routes.post('/events', learn);

site.routes.get('/', (ctx) => {
  const { say, show, session } = ctx.state;
  const flight = html`<dt>${say('Chuyến bay', 'Flight')}</dt><dd>LA 204 · 14:20</dd>
<dt>${say('Hành trình', 'Route')}</dt><dd>Hà Nội HAN → TP. Hồ Chí Minh SGN</dd>`;
  const checkIn = html`<a class="button" href="/check-in">${say('Làm thủ tục', 'Check in')}</a>`;
  if (!session.passenger) {
    const why = say(
      'Hãng bay cần biết chắc người lên máy bay là bạn, nên việc này cần mức 2.',
      'An airline must be sure that it is you who boards, so this takes level 2.',
    );
    const forgotten = gone.has(session.left ?? '')
      ? html`<p role="status">${say('SenID báo rằng bạn đã rút lại sự đồng ý. Chúng tôi đã xóa những gì biết về bạn.', 'SenID told us that you withdrew your consent. We have deleted what we knew of you.')}</p>`
      : undefined;
    const body = html`${forgotten}<div class="card"><dl>${flight}</dl></div><p class="soft">${why}</p>${checkIn}
<p><a href="/sign-in">${say('Khách quen: đăng nhập ở mức 1', 'Frequent flyer: sign in at level 1')}</a></p>`;
    return show(say('Làm thủ tục chuyến bay', 'Check in for your flight'), body);
  }
  const { name, checkedIn, idToken } = session.passenger;
  const level = html`<span class="pill">● ${say('mức', 'level')} ${checkedIn ? 2 : 1}</span>`;
  const out = html`<form method="post" action="/sign-out"><button class="quiet">${say('Đăng xuất', 'Sign out')}</button></form>`;
  if (checkedIn) {
    const body = html`<div class="card" id="boarding-pass"><dl>
<dt>${say('Hành khách', 'Passenger')}</dt><dd id="passenger">${name}</dd>${flight}
<dt>${say('Ghế', 'Seat')}</dt><dd>12A</dd><dt>${say('Cửa', 'Gate')}</dt><dd>7</dd>
<dt>${say('SenID xác nhận', 'Confirmed by SenID')}</dt><dd>${level}</dd></dl></div>${out}`;
    return show(say('Thẻ lên máy bay', 'Boarding pass'), body, idToken);
  }
  const miles = html`<p id="passenger">${name} ${level}</p><p>${say('Bạn có 12.480 dặm.', 'You have 12,480 miles.')}</p>`;
  show(say('Khách quen', 'Frequent flyer'), html`${miles}${checkIn}${out}`, idToken);
});

site.listen();
