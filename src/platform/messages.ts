import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';

/** The languages a person can read us in. Vietnamese is written first and is what we fall back to. */
export const locales = ['vi', 'en'] as const;
export type Locale = (typeof locales)[number];

/** What a placeholder of a message may be filled with. */
export type MessageValues = Readonly<Record<string, string | number | Date>>;

/** A sentence that is still to be spoken: its key, and what fills its placeholders. */
export type Message = string | { readonly key: string; readonly values: MessageValues };

/** Every sentence a person reads, in both languages. */
export interface Messages {
  /** The sentence as plain text, NOT escaped for HTML. An unknown key is a mistake of ours and throws. */
  t(locale: Locale, message: Message, values?: MessageValues): string;
  /** The sentence as HTML: everything escaped, its `<link>` or `<b>` tags turned into what `tags` says. */
  html(locale: Locale, key: string, values: MessageValues, tags: MessageTags): string;
  has(key: string): boolean;
  /** The key if there is such a sentence, else the other one. */
  either(key: string, otherwise: string): string;
  /** Sorted keys of one language, for the tests that compare the two. */
  keys(locale: Locale): string[];
  /** Names of a sentence's placeholders and tags, sorted. */
  placeholders(locale: Locale, key: string): string[];
}

/** What stands around the words inside a tag, for example `(inner) => '<b>' + inner + '</b>'`. */
export type MessageTags = Readonly<Record<string, (inner: string) => string>>;

const languageTags: Record<Locale, string> = { vi: 'vi-VN', en: 'en-GB' };

/** `&`, `<`, `>`, quotes: what must never reach a page as itself. */
export const escapeHtml = (value: unknown): string =>
  String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Reads `vi.json` and `en.json` of a directory: flat objects from key to ICU message. Each is compiled at its first use. */
export function createMessages(directory: string): Messages {
  const texts = Object.fromEntries(
    locales.map((locale) => [locale, JSON.parse(readFileSync(join(directory, `${locale}.json`), 'utf8'))]),
  ) as Record<Locale, Record<string, string>>;
  const compiled = new Map<string, string | IntlMessageFormat>();

  const compile = (locale: Locale, key: string): string | IntlMessageFormat => {
    const name = `${locale} ${key}`;
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const text = Object.hasOwn(texts[locale], key) ? texts[locale][key] : undefined;
    if (text === undefined) throw new Error(`no message "${key}" in ${locale}.json`);
    // Most sentences have no placeholder: they stay strings and cost nothing.
    const format = /[{}<']/.test(text)
      ? new IntlMessageFormat(text.normalize('NFC'), languageTags[locale])
      : text.normalize('NFC');
    compiled.set(name, format);
    return format;
  };

  const has = (key: string): boolean => locales.every((locale) => Object.hasOwn(texts[locale], key));

  return {
    has,
    either: (key, otherwise) => (has(key) ? key : otherwise),
    t(locale, message, values) {
      const [key, filling] = typeof message === 'string' ? [message, values] : [message.key, message.values];
      const format = compile(locale, key);
      if (typeof format === 'string') return format;
      return String(format.format({ ...filling }));
    },
    html(locale, key, values, tags) {
      const format = compile(locale, key);
      if (typeof format === 'string') return escapeHtml(format);
      const wrappers = Object.fromEntries(
        Object.entries(tags).map(([tag, wrap]) => [
          tag,
          (parts: unknown[]) => new Markup(wrap(parts.map(asMarkup).join(''))),
        ]),
      );
      const parts: unknown = format.format({ ...values, ...wrappers } as Record<string, never>);
      return (Array.isArray(parts) ? parts : [parts]).map(asMarkup).join('');
    },
    keys: (locale) => Object.keys(texts[locale]).sort(),
    placeholders(locale, key) {
      const format = compile(locale, key);
      if (typeof format === 'string') return [];
      return [...new Set(JSON.stringify(format.getAst()).matchAll(/"type":[1-68],"value":"(\w+)"/g))]
        .map((match) => match[1]!)
        .filter((name, index, all) => all.indexOf(name) === index)
        .sort();
    },
  };
}

/** HTML that a tag of ours has made, so that it is not escaped a second time. */
class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}
const asMarkup = (part: unknown): string => (part instanceof Markup ? part.html : escapeHtml(part));

/** What a request says about languages. */
export interface LanguageHints {
  /** OpenID Connect `ui_locales`: tags by preference, separated by spaces. */
  readonly uiLocales?: string | undefined;
  /** Our cookie `locale`: `vi` or `en`, followed by the second at which the person chose it. */
  readonly cookie?: string | undefined;
  readonly acceptLanguage?: string | undefined;
}

const JUST_CHOSEN_SECONDS = 3_600;

/**
 * The language to speak: `ui_locales` of the relying party, then our cookie, then `Accept-Language`, else Vietnamese.
 * A choice the person made on our own pages within the hour comes before `ui_locales`: else the language link
 * would be dead on every page of an interaction whose request carries it.
 */
export function negotiateLocale(hints: LanguageHints, now: Date): Locale {
  const [chosen, since] = (hints.cookie ?? '').split('.');
  const age = now.getTime() / 1000 - Number(since ?? Number.NaN);
  const chosenLocale = asLocale(chosen ?? '');
  if (chosenLocale && age >= 0 && age < JUST_CHOSEN_SECONDS) return chosenLocale;
  for (const tag of (hints.uiLocales ?? '').slice(0, 200).split(' ')) {
    const locale = asLocale(tag);
    if (locale) return locale;
  }
  return chosenLocale ?? fromAcceptLanguage(hints.acceptLanguage ?? '') ?? 'vi';
}

/** The cookie's value for a choice made now. */
export const chosenLocale = (locale: Locale, now: Date): string => `${locale}.${Math.floor(now.getTime() / 1000)}`;

/** `vi-VN` and `VI` are Vietnamese; what we do not speak is `undefined` (BCP 47 primary subtag). */
export function asLocale(tag: string): Locale | undefined {
  const primary = tag.trim().toLowerCase().split('-')[0];
  return locales.find((locale) => locale === primary);
}

/** RFC 9110 §12.5.4: the tag with the highest weight that we speak. */
function fromAcceptLanguage(header: string): Locale | undefined {
  return header
    .slice(0, 500)
    .split(',')
    .map((item) => {
      const [tag = '', ...parameters] = item.split(';');
      const weight = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((q) => q);
      return { locale: asLocale(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter((item) => item.locale && item.weight > 0)
    .sort((a, b) => b.weight - a.weight)[0]?.locale;
}
