import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Medium } from '../channel.ts';

/** What a telephone number says about what a message to it costs. */
export interface Place {
  /** `home` is Viet Nam, `abroad` is anywhere else, `nowhere` has no subscribers: satellites, networks, premium rate. */
  readonly region: 'home' | 'abroad' | 'nowhere';
  /** The area that one operator abroad bills for: the calling code, within +1 the area code too. */
  readonly area: string;
}

const HOME = '84';
// E.164 assignments without a country: Inmarsat 870, universal personal 878, global satellite 881, international networks 882
// and 883, premium rate 979, and the freephone, shared-cost and disaster codes. Nobody's own telephone; the dearest of all.
const NOWHERE = new Set(['800', '808', '870', '878', '881', '882', '883', '888', '979']);

/** Where a number is. */
export function placeOf(phone: string): Place {
  const parsed = parsePhoneNumberFromString(phone);
  const code = parsed?.countryCallingCode ?? phone.slice(1, 4);
  if (code === HOME) return { region: 'home', area: HOME };
  if (NOWHERE.has(code)) return { region: 'nowhere', area: code };
  return { region: 'abroad', area: code === '1' ? phone.slice(1, 5) : code };
}

/**
 * The range an address belongs to: ten thousand telephone numbers in whatever country, since those who pump messages rent
 * blocks and vary the last digits; or one mail domain.
 */
export const rangeOf = (medium: Medium, address: string): string =>
  medium === 'sms' ? address.slice(0, -4) : (address.split('@')[1] ?? address).toLowerCase();

// 3GPP TS 23.038 §6.2.1: the characters of one septet, and those that take two.
const SEPTETS = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;
const DOUBLE = /[\^{}\\[~\]|€]/g;

/** How many messages a gateway bills for a text: 160 septets or 70 UCS-2 characters, less in each where there are several. */
export function segmentsOf(text: string): number {
  const plain = SEPTETS.test(text);
  const length = plain ? text.length + (text.match(DOUBLE)?.length ?? 0) : text.length;
  const [alone, each] = plain ? [160, 153] : [70, 67];
  return length <= alone ? 1 : Math.ceil(length / each);
}
