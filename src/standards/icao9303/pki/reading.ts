import { type RefusalCode, Refused } from '../refusal.ts';

/**
 * Reads a part of a file; when its ASN.1 is not what the standard says, the refusal names the part (`certificate.malformed`)
 * and not the octet.
 */
export function reading<T>(code: RefusalCode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused && error.code.startsWith('asn1.')) throw new Refused(code, error.message);
    throw error;
  }
}
