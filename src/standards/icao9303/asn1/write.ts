/** Writes DER (ITU-T X.690 §10): for re-tagged signed attributes, rebuilt keys, commands to a chip, and test cards. */

const lengthOf = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return Buffer.from([0x80 + octets.length, ...octets]);
};

const tagOf = (tag: number): Buffer =>
  Buffer.from(tag > 0xffff ? [tag >> 16, (tag >> 8) & 0xff, tag & 0xff] : tag > 0xff ? [tag >> 8, tag & 0xff] : [tag]);

/** Any structure: identifier octets as one number, then its contents. */
export function tlv(tag: number, ...contents: readonly (Buffer | Uint8Array)[]): Buffer {
  const value = Buffer.concat(contents);
  return Buffer.concat([tagOf(tag), lengthOf(value.length), value]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);

/** A SET OF, its parts in the order that DER wants (§11.6). */
export const setOf = (...parts: readonly Buffer[]): Buffer => tlv(0x31, ...[...parts].sort(Buffer.compare));

/** An INTEGER of a number, or of unsigned octets. */
export function integer(value: number | bigint | Buffer): Buffer {
  if (!Buffer.isBuffer(value)) {
    const hex = BigInt(value).toString(16);
    if (BigInt(value) < 0n) throw new RangeError('only integers from 0 on are written');
    return integer(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
  }
  let from = 0;
  while (from < value.length - 1 && value[from] === 0) from += 1;
  const octets = value.subarray(from);
  return octets.length === 0 || octets[0]! >= 0x80 ? tlv(0x02, Buffer.from([0]), octets) : tlv(0x02, octets);
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [root * 40 + second, ...rest].flatMap((arc) => {
    const base = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) base.unshift((left % 128) + 128);
    return base;
  });
  return tlv(0x06, Buffer.from(octets));
}

export const octetString = (octets: Buffer): Buffer => tlv(0x04, octets);
export const bitString = (octets: Buffer, unused = 0): Buffer => tlv(0x03, Buffer.from([unused]), octets);
export const boolean = (value: boolean): Buffer => tlv(0x01, Buffer.from([value ? 0xff : 0]));
export const nothing = (): Buffer => tlv(0x05);
export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text, 'utf8'));
export const printableString = (text: string): Buffer => tlv(0x13, Buffer.from(text, 'latin1'));

/** A time as RFC 5280 §4.1.2.5 wants it: UTCTime until 2049, GeneralizedTime after. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return at.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tlv(0x18, Buffer.from(`${digits}Z`));
}
