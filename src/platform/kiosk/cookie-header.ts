/** Name and value of each cookie that a browser has sent (RFC 6265 §5.4); what is no name of one is left out. */
export const sentCookies = (header: string): [name: string, value: string][] =>
  header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    return at > 0 && /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? [[name, pair.slice(at + 1).trim()] as [string, string]] : [];
  });

/** Whether this `Set-Cookie` takes one away. */
export const deletes = (cookie: string): boolean => /;\s*max-age=0\b|;\s*expires=thu, 01 jan 1970/i.test(cookie);

/** The same cookie with another value, and for as long as the browser runs: without `Max-Age` and `Expires` (RFC 6265 §5.3). */
export function rewritten(cookie: string, value: (name: string, value: string) => string): string {
  const [pair = '', ...attributes] = cookie.split(';');
  const at = pair.indexOf('=');
  const name = pair.slice(0, at);
  const lasting = attributes.filter((one) => !/^\s*(max-age|expires)=/i.test(one));
  return [`${name}=${value(name, pair.slice(at + 1))}`, ...lasting].join(';');
}
