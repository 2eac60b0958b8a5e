import { demand, refuse } from '../refusal.ts';

/**
 * What the printed code of a Vietnamese card says. It is plain text that anybody can print: it fills in a form, or names
 * a card access number to try, and is never evidence of anything.
 */
export interface CardQr {
  /** Keeps it out of every place that takes evidence. */
  readonly use: 'prefill-only';
  /** Twelve digits. */
  readonly personalNumber: string;
  /** The identity card of nine digits before it, where there was one. */
  readonly oldNumber?: string;
  /** As printed, NFC. */
  readonly fullName: string;
  /** ISO 8601, as much as is known. */
  readonly birthDate?: string;
  readonly sex?: 'M' | 'F';
  /** As printed; on cards before July 2025 in three tiers. */
  readonly address?: string;
  /** ISO 8601. */
  readonly issueDate?: string;
}

const MAX_CHARACTERS = 1_000;
const MAX_FIELDS = 32;
const SEXES = new Map<string, 'M' | 'F'>([
  ['nam', 'M'],
  ['nữ', 'F'],
]);

/**
 * Reads the printed code, `number|old number|name|ddMMyyyy|Nam or Nữ|address|ddMMyyyy`, seven fields (`domain.md` §4).
 * The card of 2024 has more behind them: ignored. Nothing is guessed: what is not as expected stays absent, only number
 * and name must be there.
 * @throws Refused input.too_large, dg.malformed
 */
export function parseCardQr(text: string): CardQr {
  demand(text.length <= MAX_CHARACTERS, 'input.too_large');
  const clean = text.normalize('NFC').trim();
  demand(!/[\p{Cc}\p{Cn}\p{Co}\p{Cs}\u202a-\u202e\u2066-\u2069]/u.test(clean), 'dg.malformed');
  const fields = clean.split('|', MAX_FIELDS).map((field) => field.trim());
  const [number, old, name, born, sex, address, issued] =
    fields.length >= 7 ? (fields as [string, string, string, string, string, string, string]) : refuse('dg.malformed');
  demand(/^\d{12}$/.test(number) && /^\p{L}[\p{L}\p{M}'’ .-]{0,199}$/u.test(name), 'dg.malformed');
  const known = {
    oldNumber: /^\d{9}$/.test(old) ? old : undefined,
    birthDate: isoDate(born),
    sex: SEXES.get(sex.toLowerCase()),
    address: address || undefined,
    issueDate: isoDate(issued),
  };
  return { use: 'prefill-only', personalNumber: number, fullName: name, ...present(known) };
}

/** `ddMMyyyy` as ISO 8601; zeros where only month and year, or the year, is known. */
function isoDate(ddMMyyyy: string): string | undefined {
  const [, day, month, year] = /^(\d\d)(\d\d)([12]\d{3})$/.exec(ddMMyyyy) ?? [];
  if (!day || !month || !year) return undefined;
  if (month === '00') return day === '00' ? year : undefined;
  if (Number(month) > 12) return undefined;
  if (day === '00') return `${year}-${month}`;
  const iso = `${year}-${month}-${day}`;
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return at.toISOString().startsWith(iso) ? iso : undefined;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
