// Phòng khám Hoa Sen, an invented clinic. Nobody signs in here: the clinic itself asks SenID whether the person at its counter is
// the one on the card, gets a signed result with what it asked, and keeps nothing but its own conclusion.
import { createRemoteJWKSet, importJWK, type JWK, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { html } from '../page.ts';
import { findProvider } from '../provider.ts';
import { Refusal } from '../refusal.ts';
import { createSite } from '../site.ts';
import { reasons } from './reasons.ts';

const { ISSUER = 'http://localhost:3000', PORT = '3004', CLIENT_ID = 'sample-clinic', CLIENT_JWKS = '' } = process.env;
const SCOPE = 'in_person_verification';
/** What this clinic is registered to ask, and for what: more is refused. */
const PURPOSES = {
  reception: { claims: ['name', 'birthdate'], face: true },
  pharmacy: { claims: ['age_over_18'], face: false },
} as const;
type Purpose = keyof typeof PURPOSES;

interface Session {
  check: { id: string; nonce: string; purpose: Purpose; reader: { session: string; token: string }; shown: Shown };
}
type Shown = { vi: string; en: string };
type Result = { verified: boolean; reasons: string[]; verified_claims?: { claims: Record<string, unknown> } };

const jwk = (JSON.parse(CLIENT_JWKS) as { keys: JWK[] }).keys[0]!;
const key = (await importJWK(jwk, jwk.alg ?? 'ES256')) as oidc.CryptoKey;
const provider = findProvider(ISSUER, CLIENT_ID, oidc.PrivateKeyJwt(jwk.kid ? { key, kid: jwk.kid } : key));

const site = await createSite<Session>({
  name: { vi: 'Phòng khám Hoa Sen', en: 'Lotus Clinic' },
  mark: 'PK',
  look: 'clinic',
  issuer: ISSUER,
  port: Number(PORT),
});

/** Asks the API, with a token of our own for it (RFC 8707). */
async function ask(path: string, body: { json: object } | { jpeg: Uint8Array<ArrayBuffer> } | undefined) {
  const config = await provider;
  const endpoint = String(config.serverMetadata().in_person_verification_endpoint);
  const resource = endpoint.slice(0, endpoint.lastIndexOf('/'));
  const { access_token } = await oidc.clientCredentialsGrant(config, { scope: SCOPE, resource });
  const answer = await fetch(`${endpoint}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${access_token}`,
      ...(body && { 'content-type': 'json' in body ? 'application/json' : 'image/jpeg' }),
    },
    ...(body && { body: 'json' in body ? JSON.stringify(body.json) : body.jpeg }),
    signal: AbortSignal.timeout(30_000),
  });
  return { ok: answer.ok, body: (await answer.json()) as Record<string, unknown> };
}

/** The provider's word, for us, for this check and for nothing else. */
async function read(token: unknown, nonce: string): Promise<Result> {
  const { issuer, jwks_uri = '' } = (await provider).serverMetadata();
  const rules = { issuer, audience: CLIENT_ID, typ: 'verification-result+jwt', requiredClaims: ['exp', 'nonce'] };
  const { payload } = await jwtVerify(String(token), createRemoteJWKSet(new URL(jwks_uri)), rules);
  // Of another check, it says nothing about whoever stands here.
  if (payload.nonce !== nonce) throw new Error('a result of another check');
  return payload as unknown as Result;
}

const posted = (ctx: { request: object }): Record<string, string> =>
  (ctx.request as { body?: Record<string, string> }).body ?? {};

site.routes.get('/', (ctx) => {
  const { say, show } = ctx.state;
  const button = (purpose: Purpose, text: string) =>
    html`<form method="post" action="/check"><button name="purpose" value="${purpose}">${text}</button></form>`;
  show(
    say('Quầy tiếp nhận', 'The counter'),
    html`<p class="soft">${say('Kiểm tra người đứng trước quầy. Chúng tôi chỉ nhận điều đã hỏi, và không lưu gì.', 'Check the person at the counter. We receive what we asked and no more, and keep nothing.')}</p>
<div class="card"><h2>${say('Tiếp nhận người bệnh', 'Receive a patient')}</h2><p class="soft">${say('Thẻ và khuôn mặt: họ tên và ngày sinh.', 'Card and face: name and date of birth.')}</p>${button('reception', say('Kiểm tra', 'Check'))}</div>
<div class="card"><h2>${say('Quầy thuốc', 'The pharmacy')}</h2><p class="soft">${say('Chỉ thẻ: đã đủ 18 tuổi hay chưa.', 'The card alone: whether they are 18 or older.')}</p>${button('pharmacy', say('Kiểm tra tuổi', 'Check the age'))}</div>`,
  );
});

site.routes.post('/check', async (ctx) => {
  const purpose: Purpose = posted(ctx).purpose === 'pharmacy' ? 'pharmacy' : 'reception';
  const nonce = oidc.randomNonce();
  const { ok, body } = await ask('', { json: { purpose, nonce, ...PURPOSES[purpose] } });
  if (!ok) throw new Refusal('SenID không nhận yêu cầu này.', 'SenID did not take this request.');
  const { id, reader, shown } = body as unknown as Session['check'];
  ctx.state.session.check = { id, nonce, purpose, reader, shown };
  ctx.redirect('/check');
});

/** What a sandbox has in place of a reader and a camera: invented cards, and invented people. */
async function drawer(): Promise<{ cards: { id: string; label: Shown }[]; personas: { id: string; name: string }[] }> {
  const of = async (file: string) => (await (await fetch(`${ISSUER}/sandbox/${file}.json`)).json()) as object;
  return { ...(await of('cards')), ...(await of('personas')) } as Awaited<ReturnType<typeof drawer>>;
}

site.routes.get('/check', async (ctx) => {
  const { say, show, session, locale } = ctx.state;
  if (!session.check) return ctx.redirect('/');
  const { cards, personas } = await drawer();
  const name = (id: string) => personas.find((one) => id.startsWith(`${one.id}.`))?.name ?? id;
  const options = cards.map(({ id, label }) => html`<option value="${id}">${name(id)}: ${label[locale]}</option>`);
  const people = personas.map((one) => html`<option value="${one.id}">${one.name}</option>`);
  const face = html`<p><label for="person">${say('Ai đứng trước máy ảnh', 'Who is before the camera')}</label><select id="person" name="person">${people}</select></p>
<p><label for="mark">${say('Ảnh', 'Picture')}</label><select id="mark" name="mark"><option value="plain">${say('người thật', 'the person')}</option><option value="screen">${say('màn hình điện thoại', 'a screen')}</option><option value="blurred">${say('bị mờ', 'blurred')}</option></select></p>`;
  show(
    say('Đọc cho người trước quầy', 'Read to the person'),
    html`<div class="card"><p lang="vi">${session.check.shown.vi}</p><p class="soft" lang="en">${session.check.shown.en}</p></div>
<form method="post" action="/card"><p><label for="card">${say('Thẻ đặt lên đầu đọc', 'The card on the reader')}</label><select id="card" name="card">${options}</select></p>
${PURPOSES[session.check.purpose].face ? face : false}<button>${say('Họ đồng ý, đọc thẻ', 'They agree, read the card')}</button> <a class="button quiet" href="/">${say('Họ không đồng ý', 'They do not agree')}</a></form>`,
  );
});

site.routes.post('/card', async (ctx) => {
  const { say, show, session, renew } = ctx.state;
  const { check } = session;
  if (!check) return ctx.redirect('/');
  const { card = '', person = '', mark = '' } = posted(ctx);
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
  await fetch(`${ISSUER}/sandbox/reader`, { ...json, body: JSON.stringify({ ...check.reader, card }) });
  const camera = `${ISSUER}/sandbox/camera/${encodeURIComponent(person)}/${encodeURIComponent(mark)}.jpg`;
  const { face } = PURPOSES[check.purpose];
  const picture = face ? { jpeg: new Uint8Array(await (await fetch(camera)).arrayBuffer()) } : undefined;
  const { ok, body } = await ask(`/${check.id}/result`, picture);
  // The card was read, and stays so: only the picture is taken once more.
  if (body.code === 'in_person.picture') return ctx.redirect('/check');
  delete session.check;
  renew();
  if (!ok) throw new Refusal('Lần kiểm tra này đã hết hạn hoặc đã dùng.', 'This check has expired or was used.');
  const { verified, verified_claims, reasons: why } = await read(body.result, check.nonce);
  const claims = Object.entries(verified_claims?.claims ?? {});
  const outcome = verified
    ? html`<p role="status" id="outcome">${say('Đúng người, thẻ còn giá trị.', 'The right person, and the card is good.')}</p>
<dl class="card">${claims.map(([claim, value]) => html`<dt>${claim}</dt><dd>${String(value)}</dd>`)}</dl>`
    : html`<p role="alert" id="outcome">${why.map((one) => html`${say(...reasons(one))}`)}</p>`;
  show(
    say('Kết quả', 'The result'),
    html`${outcome}<p><a class="button" href="/">${say('Người tiếp theo', 'The next person')}</a></p>`,
    String(body.result),
  );
});

site.listen();
