import type { Browser, Page, Reply } from './http-client.ts';

/** Sends a form of a page from any browser, as that browser's own navigation; what is given takes the fields' place. */
export function sendForm(
  browser: Pick<Browser, 'send'>,
  page: Page,
  action: string,
  given: Record<string, string> = {},
  headers: Record<string, string> = { origin: new URL(page.url).origin },
): Promise<Reply> {
  const form = page.form(action);
  return browser.send(new URL(form.action, page.url).href, {
    method: 'POST',
    body: new URLSearchParams({ ...Object.fromEntries(form.values), ...given }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}
