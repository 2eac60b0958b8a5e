// An invented public service portal. People sign in at level 1; confirming where one lives steps up to level 2, as the
// same person; signing out here signs out of SenID, and with it everywhere.
import * as oidc from 'openid-client';
import { html } from '../page.ts';
import { backchannelLogout, contextNamed, findProvider } from '../provider.ts';
import { Refusal } from '../refusal.ts';
import { type Context, createSite } from '../site.ts';

const {
  ISSUER = 'http://localhost:3000',
  PORT = '3003',
  CLIENT_ID = 'sample-portal',
  CLIENT_SECRET = '',
} = process.env;
const origin = `http://localhost:${PORT}`;

interface Session {
  /** Sign-ins under way, by `state`: one a browser tab. */
  asked: Map<string, { nonce: string; verifier: string; acr: string; then: string; as: string | undefined }>;
  citizen: { sub: string; sid?: unknown; name: string; acr: string; idToken: string };
  confirmed: boolean;
}

const provider = findProvider(ISSUER, CLIENT_ID, oidc.ClientSecretBasic(CLIENT_SECRET));

const site = await createSite<Session>({
  name: { vi: 'Cổng dịch vụ công (thử nghiệm)', en: 'Public service portal (test)' },
  mark: 'DV',
  look: 'portal',
  issuer: ISSUER,
  port: Number(PORT),
});

/** Sends the browser to the provider, which must reach `level` or say why not; `then` is the page to come back to. */
async function signIn(ctx: Context<Session>, level: 'level-1' | 'level-2', then: string): Promise<void> {
  const config = await provider;
  const acr = contextNamed(config, level);
  const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
  const { session, locale } = ctx.state;
  session.asked ??= new Map();
  session.asked.set(state, { nonce, verifier, acr, then, as: session.citizen?.sub });
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
  const url = config.serverMetadata().pushed_authorization_request_endpoint
    ? await oidc.buildAuthorizationUrlWithPAR(config, request)
    : oidc.buildAuthorizationUrl(config, request);
  ctx.redirect(url.href);
}

site.routes.get('/sign-in', (ctx) => signIn(ctx, 'level-1', '/'));

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
  const tokens = await oidc.authorizationCodeGrant(config, here, {
    expectedState: state,
    expectedNonce: asked.nonce,
    pkceCodeVerifier: asked.verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims()!;
  // A provider may answer less than it was asked: only this comparison makes the level count.
  if (claims.acr !== asked.acr)
    throw new Refusal('SenID chưa xác nhận mức chúng tôi cần.', 'SenID did not confirm the level we need.');
  // Stepping up must not turn one person's procedure into another's.
  if (asked.as && asked.as !== claims.sub)
    throw new Refusal(
      'Đây là một người khác với người đang đăng nhập.',
      'This is not the person who is signed in here.',
    );
  const { name = '' } = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  session.citizen = { sub: claims.sub, sid: claims.sid, name, acr: asked.acr, idToken: tokens.id_token! };
  renew();
  ctx.redirect(asked.then);
});

site.routes.get('/residence', async (ctx) => {
  const { say, show, session } = ctx.state;
  if (session.citizen?.acr !== contextNamed(await provider, 'level-2')) return signIn(ctx, 'level-2', '/residence');
  show(
    say('Xác nhận nơi cư trú', 'Confirm where you live'),
    html`<dl class="card"><dt>${say('Họ, chữ đệm và tên', 'Full name')}</dt><dd>${session.citizen.name}</dd>
<dt>${say('Nơi cư trú', 'Residence')}</dt><dd>12 Phố Hoa Sen, Hà Nội</dd></dl>
<form method="post"><button>${say('Xác nhận', 'Confirm')}</button></form>`,
    session.citizen.idToken,
  );
});

site.routes.post('/residence', async (ctx) => {
  const { session } = ctx.state;
  // The form alone proves nothing: the level is checked again where it takes effect.
  if (session.citizen?.acr !== contextNamed(await provider, 'level-2')) return ctx.redirect('/residence');
  session.confirmed = true;
  ctx.redirect('/');
});

site.routes.post('/sign-out', async (ctx) => {
  const config = await provider;
  const { citizen } = ctx.state.session;
  ctx.state.session = {};
  ctx.state.renew();
  if (!citizen) return ctx.redirect('/');
  const request = { id_token_hint: citizen.idToken, post_logout_redirect_uri: `${origin}/` };
  ctx.redirect(oidc.buildEndSessionUrl(config, request).href);
});

const endSessions = backchannelLogout(provider, CLIENT_ID, (concerns) =>
  site.endSessions(({ citizen }) => concerns(citizen)),
);
site.routes.post('/backchannel_logout', endSessions);

site.routes.get('/', (ctx) => {
  const { say, show, session } = ctx.state;
  const procedure = html`<div class="card"><h2>${say('Xác nhận nơi cư trú', 'Confirm where you live')}</h2>
<p class="soft">${say('Việc này thay đổi hồ sơ của bạn, nên cần mức 2.', 'This changes your record, so it takes level 2.')}</p>
<a class="button" href="/residence">${say('Bắt đầu', 'Begin')}</a></div>`;
  if (!session.citizen) {
    const signInLink = html`<a class="button" href="/sign-in">${say('Đăng nhập bằng SenID', 'Sign in with SenID')}</a>`;
    const what = html`<p class="soft">${say('Nộp và theo dõi hồ sơ của bạn. Mức 1 là đủ để vào; có việc cần thêm một bước.', 'File and follow your applications. Level 1 is enough to begin; one procedure takes one more step.')}</p>`;
    return show(say('Dịch vụ công cho bạn', 'Public services for you'), html`${what}${signInLink}`);
  }
  const { name, acr, idToken } = session.citizen;
  const level = html`<span class="pill">● ${say('mức', 'level')} ${acr.endsWith('/level-2') ? 2 : 1}</span>`;
  const done = html`<p role="status">${say('Đã xác nhận nơi cư trú của bạn.', 'Your residence is confirmed.')}</p>`;
  const out = html`<form method="post" action="/sign-out"><button class="quiet">${say('Đăng xuất khỏi mọi nơi', 'Sign out everywhere')}</button></form>`;
  const body = html`<p id="citizen">${name} ${level}</p>${session.confirmed ? done : procedure}${out}`;
  show(say('Dịch vụ công cho bạn', 'Public services for you'), body, idToken);
});

site.listen();
