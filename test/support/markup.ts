/** A form as a browser without script would send it. */
export interface Form {
  readonly id: string | undefined;
  /** All attributes of the form element, `data-…` too. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** What is sent if nobody touches it: hidden fields, preset values, checked boxes. */
  readonly values: ReadonlyMap<string, string>;
  /** Every field there is, unchecked boxes too. */
  readonly names: ReadonlySet<string>;
  readonly buttons: readonly { name: string | undefined; value: string; words: string; action?: string | undefined }[];
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return named[name.toLowerCase()] ?? whole;
  });

/** The words of a piece of markup, with single spaces. */
export const textOf = (markup: string): string =>
  decode(markup.replace(/<(script|style|template)\b.*?<\/\1>/gis, ' ').replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

const attributesOf = (tag: string): Map<string, string> =>
  new Map(
    [...tag.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)].map(
      ([, name = '', double, single, bare]) => [name.toLowerCase(), decode(double ?? single ?? bare ?? '')],
    ),
  );

// A tag's attributes: a quoted value may hold `>`.
const inTag = `((?:[^>"']|"[^"]*"|'[^']*')*)`;
const formPattern = new RegExp(`<form\\b${inTag}>(.*?)</form>`, 'gis');
const fieldPattern = new RegExp(`<input\\b${inTag}>|<(button|select|textarea)\\b${inTag}>(.*?)</\\2>`, 'gis');
const outsidePattern = new RegExp(`<button\\b${inTag}>(.*?)</button>`, 'gis');
const outsideBoxPattern = new RegExp(`<input\\b${inTag}>`, 'gis');

/** Every form of a page. Enough of HTML for pages that are well formed. */
export function formsOf(page: string): Form[] {
  const live = page.replace(/<!--.*?-->/gs, '').replace(/<(script|template)\b.*?<\/\1>/gis, '');
  return [...live.matchAll(formPattern)].map(([, head = '', inside = '']) => {
    const form = attributesOf(head);
    const values = new Map<string, string>();
    const names = new Set<string>();
    const buttons: Form['buttons'][number][] = [];
    for (const [, input, tag = 'input', attributes = '', body = ''] of inside.matchAll(fieldPattern)) {
      const field = attributesOf(input ?? attributes);
      const name = field.get('name');
      const type = field.get('type')?.toLowerCase();
      const element = tag.toLowerCase();
      if (field.has('disabled')) continue;
      if (element === 'button' || type === 'submit') {
        if (type !== 'button' && type !== 'reset') {
          buttons.push({ name, value: field.get('value') ?? '', words: textOf(body), action: field.get('formaction') });
        }
        continue;
      }
      if (!name) continue;
      names.add(name);
      if (element === 'select') {
        const options = [...body.matchAll(/<option\b([^>]*)>/gi)].map(([, option = '']) => attributesOf(option));
        const chosen = options.find((option) => option.has('selected')) ?? options[0];
        if (chosen) values.set(name, chosen.get('value') ?? '');
      } else if (element === 'textarea') values.set(name, decode(body));
      else if (type === 'checkbox' || type === 'radio') {
        if (field.has('checked')) values.set(name, field.get('value') ?? 'on');
      } else values.set(name, field.get('value') ?? '');
    }
    // A box or a button may stand outside of its form and name it.
    for (const [, tag = ''] of live.replace(formPattern, '').matchAll(outsideBoxPattern)) {
      const field = attributesOf(tag);
      const name = field.get('name');
      if (!name || !form.has('id') || field.get('form') !== form.get('id') || field.get('type') !== 'checkbox')
        continue;
      names.add(name);
      if (field.has('checked')) values.set(name, field.get('value') ?? 'on');
    }
    for (const [, tag = '', body = ''] of live.replace(formPattern, '').matchAll(outsidePattern)) {
      const field = attributesOf(tag);
      if (!form.has('id') || field.get('form') !== form.get('id') || (field.get('type') ?? 'submit') !== 'submit')
        continue;
      const action = field.get('formaction');
      buttons.push({ name: field.get('name'), value: field.get('value') ?? '', words: textOf(body), action });
    }
    return {
      id: form.get('id'),
      attributes: form,
      action: form.get('action') ?? '',
      method: form.get('method')?.toLowerCase() === 'post' ? 'POST' : 'GET',
      values,
      names,
      buttons,
    };
  });
}
