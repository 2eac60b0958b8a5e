import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { contrast } from '../platform/plain-values/contrast.ts';
import { Secret } from '../platform/secret.ts';

/** The shapes a setting may have. Each takes the text of the environment and answers the value, or one sentence. */

/** A whole number within limits, both included. */
export const wholeNumber = (least: number, most: number) => {
  const said = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, said)
    .transform(Number)
    .refine((value) => value >= least && value <= most, said);
};

export const decimal = (least: number, most: number) => {
  const said = `must be a number from ${least} to ${most}, such as ${least}`;
  return z
    .string()
    .regex(/^\d(\.\d{1,4})?$/, said)
    .transform(Number)
    .refine((value) => value >= least && value <= most, said);
};

/** An absolute address with one of the schemes (written `https:`). */
export const address = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    message: `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

/** A place on this machine that does not depend on where the process was started. */
export const absolutePath = z.string().regex(/^\//, 'must be a path that begins with /');

/** An issuer as OpenID Connect Discovery §3 wants it: no query, no fragment; and ours has no path and no slash at the end. */
export const issuer = address('http:', 'https:').refine((text) => new URL(text).origin === text, {
  message: 'must be scheme, host and perhaps port, without a slash at the end',
});

/** Separated by commas, blanks around the parts allowed. */
export const listOf = <Rule extends z.ZodType<unknown, string>>(rule: Rule) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(rule));

/** At least 32 random bytes, written in base64 or base64url. */
export const key = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length >= 32, 'must be 32 random bytes or more in base64: openssl rand -base64 32');

/** An address or a range in CIDR notation, as ipaddr.js reads it. */
export const addressRange = z
  .string()
  .refine(
    (text) => ipaddr.isValid(text) || ipaddr.isValidCIDR(text),
    'must name addresses such as 10.0.0.7 or 10.0.0.0/24',
  );

/** A colour on which white text can be read: contrast 4.5:1 or more (WCAG 2.2, 1.4.3). */
export const brandColour = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #0f5c4a')
  .refine((colour) => !/^#[0-9a-f]{6}$/i.test(colour) || contrast('#ffffff', colour) >= 4.5, {
    message: 'must be dark enough that white text stands out on it: contrast 4.5 to 1',
  });

/** The text that stands on the brand's colour on a dark page. */
export const ON_DARK_BRAND = '#06231b';

/** A colour on which nearly black text can be read, for dark pages. */
export const brandColourDark = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #6fd0b4')
  .refine((colour) => !/^#[0-9a-f]{6}$/i.test(colour) || contrast(ON_DARK_BRAND, colour) >= 4.5, {
    message: 'must be light enough that nearly black text stands out on it: contrast 4.5 to 1',
  });

/** Wraps the value so that it cannot be printed. */
export const hidden = <Value>(value: Value): Secret<Value> => new Secret(value);
