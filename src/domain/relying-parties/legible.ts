import { oneLine } from '../../platform/plain-values/one-line.ts';

/**
 * A text of a row from before the rule that people read what they see: what is not seen is left out, and the client goes on.
 * What is no text is left to the rules of a registration.
 */
export const legible = <Value>(value: Value): Value => {
  if (typeof value === 'string') return (value === '' ? value : oneLine(value) || '?') as Value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, legible(text)])) as Value;
};

/** The same for what people read of a client's terms: what it wants their data for. */
export const legibleTerms = <Terms extends { purpose?: unknown; purposes?: unknown }>(terms: Terms): Terms => ({
  ...terms,
  purpose: legible(terms.purpose),
  ...(Array.isArray(terms.purposes) ? { purposes: terms.purposes.map(legiblePurpose) } : {}),
});

const legiblePurpose = (purpose: unknown): unknown =>
  typeof purpose !== 'object' || purpose === null
    ? purpose
    : Object.fromEntries(
        Object.entries(purpose).map(([key, value]) => [
          key,
          key === 'text' || key === 'legalBasis' ? legible(value) : value,
        ]),
      );
