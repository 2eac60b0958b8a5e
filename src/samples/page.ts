/** Markup that is already safe to send. */
export interface Html {
  readonly markup: string;
}

type Piece = Html | string | number | false | undefined | readonly Html[];

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const markupOf = (piece: Piece): string => {
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece));
  return 'markup' in piece ? piece.markup : piece.map(markupOf).join('');
};

/** A template that escapes everything but what itself came from this template. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return { markup: String.raw({ raw: strings }, ...pieces.map(markupOf)) };
}

/** Which of the colours of style.css. */
export type Look = 'airline' | 'bank' | 'portal' | 'clinic';

/** What stands around every page of a sample. */
export interface Frame {
  readonly locale: 'vi' | 'en';
  readonly name: string;
  /** Two letters. */
  readonly mark: string;
  readonly look: Look;
  readonly title: string;
  readonly body: Html;
  /** Shown decoded beside the page, so that a developer sees what the provider said. */
  readonly idToken?: string | undefined;
}

const part = (token: string, index: number): string =>
  JSON.stringify(JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()), null, 2);

/** The whole document. */
export function page({ locale, name, mark, look, title, body, idToken }: Frame): string {
  const say = (vi: string, en: string): string => (locale === 'vi' ? vi : en);
  const token =
    idToken !== undefined &&
    html`<aside aria-labelledby="token"><h2 id="token">${part(idToken, 0).includes('result+jwt') ? say('Kết quả đã ký', 'Signed result') : 'ID token'}</h2>
<p>${say('Điều SenID nói với trang này, đã giải mã.', 'What SenID told this site, decoded.')}</p>
<pre tabindex="0" role="region" aria-label="header" id="id-token-header">${part(idToken, 0)}</pre>
<pre tabindex="0" role="region" aria-label="claims" id="id-token">${part(idToken, 1)}</pre></aside>`;
  return html`<!doctype html>
<html lang="${locale}" class="${look}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${name}</title><link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,"></head>
<body>
<header><p class="test">${say('Trang thử nghiệm: tổ chức, con người và giao dịch đều là bịa.', 'TEST: the organisation, the people and the transactions are invented.')}</p>
<div class="top"><a class="brand" href="/"><span class="mark" aria-hidden="true">${mark}</span>${name}</a>
<a href="/language/${say('en', 'vi')}" lang="${say('en', 'vi')}" hreflang="${say('en', 'vi')}">${say('English', 'Tiếng Việt')}</a></div></header>
<div class="columns"><main><h1>${title}</h1>${body}</main>${token}</div>
</body></html>`.markup;
}
