import type { Message, Messages } from '../../../platform/messages.ts';

/** What is wrong or deserves a look, as the rules say it: in English, as files, programs and the command line have it. */
export interface Said {
  readonly path: string;
  readonly message: string;
}

/** The same for a page: `words` say it in the language of whoever reads; none for what has no sentence of ours. */
export type Spoken<Line extends Said = Said> = Line & { readonly words: Message | null };

/**
 * Each sentence of the rules is a message too (`fault.…`), whose English is theirs word for word: that is how its code is found,
 * and what fills its placeholders. Of a change request it is the sentence that is stored, so that an old one speaks like a new one.
 */
export const spoken = <Line extends Said>(lines: readonly Line[], messages: Messages): Spoken<Line>[] =>
  lines.map((line) => {
    // A key set says where in it something is; here that belongs to the path.
    const [, inside, message = line.message] = /^(keys(?:\.\w+)*): (.+)$/s.exec(line.message) ?? [];
    const path = inside === undefined ? line.path : `${line.path}.${inside}`;
    return { ...line, path, message, words: wordsOf(message, messages) };
  });

/** A sentence's code with what fills it, if it is one of ours or a schema's own. */
export function wordsOf(sentence: string, messages: Messages): Message | null {
  for (const [key, pattern] of SCHEMA) {
    const found = pattern.exec(sentence);
    if (found) return { key, values: { ...found.groups } };
  }
  for (const { key, names, pattern } of patternsOf(messages)) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    return { key, values: Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ''])) };
  }
  return null;
}

/** What zod says where a rule gives it no sentence: for programmers, so that pages say it in words of their own. */
const SCHEMA: readonly (readonly [key: string, pattern: RegExp])[] = [
  ['fault.value.missing', /^Invalid input: expected .+, received undefined$/],
  ['fault.value.kind', /^Invalid input: expected (?<wanted>.+), received (?<got>.+)$/],
  ['fault.value.literal', /^Invalid input: expected (?<wanted>.+)$/],
  ['fault.value.none', /^Invalid input$/],
  ['fault.value.option', /^Invalid option: expected one of (?<options>.+)$/],
  ['fault.value.short', /^Too small: expected \w+ to have >=(?<least>\d+) (?<unit>\w+)$/],
  ['fault.value.long', /^Too big: expected \w+ to have <=(?<most>\d+) (?<unit>\w+)$/],
  ['fault.value.low', /^Too small: expected \w+ to be >=?(?<least>.+)$/],
  ['fault.value.high', /^Too big: expected \w+ to be <=?(?<most>.+)$/],
  ['fault.value.email', /^Invalid email address$/],
  ['fault.value.url', /^Invalid URL$/],
  ['fault.value.moment', /^Invalid ISO datetime$/],
  ['fault.value.day', /^Invalid ISO date$/],
  ['fault.value.key', /^Invalid key in record$/],
];

interface Pattern {
  readonly key: string;
  readonly names: readonly string[];
  readonly pattern: RegExp;
  /** How many characters of it are fixed: the more there are, the sooner it is tried. */
  readonly fixed: number;
}

const known = new WeakMap<Messages, readonly Pattern[]>();

function patternsOf(messages: Messages): readonly Pattern[] {
  const patterns =
    known.get(messages) ??
    messages
      .keys('en')
      .filter((key) => /^fault\.(?!value\.)/.test(key))
      .map((key) => patternOf(key, messages))
      .sort((one, other) => other.fixed - one.fixed);
  known.set(messages, patterns);
  return patterns;
}

/** U+E000 and U+E001 stand around the name of a placeholder: private characters that no sentence holds. */
function patternOf(key: string, messages: Messages): Pattern {
  const places = messages.placeholders('en', key).map((name) => [name, `\ue000${name}\ue001`] as const);
  const text = messages.t('en', key, Object.fromEntries(places));
  const names = [...text.matchAll(/\ue000(\w+)\ue001/g)].map(([, name]) => name ?? '');
  const parts = text.split(/\ue000\w+\ue001/).map((part) => escaped(part));
  return { key, names, pattern: new RegExp(`^${parts.join('(.+?)')}$`, 's'), fixed: parts.join('').length };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
