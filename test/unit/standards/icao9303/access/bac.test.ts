import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { establishBac } from '../../../../../src/standards/icao9303/access/bac.ts';
import { authenticate, encrypt, pad } from '../../../../../src/standards/icao9303/access/ciphers.ts';
import { bacSeed, deriveChannelKeys } from '../../../../../src/standards/icao9303/access/key-derivation.ts';
import type { Transmit } from '../../../../../src/standards/icao9303/apdu/response.ts';
import { hex, refusal } from '../../../../support/refused.ts';
import printed from '../../../../vectors/icao9303/basic-access-control.json' with { type: 'json' };

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const { keys, mutualAuthentication: worked } = printed;
/** The terminal's nonce and key of App. D.3, in the order in which they are drawn. */
const drawn = (octets: number): Buffer => hex(octets === 8 ? worked.RND_IFD : worked.K_IFD);

/** A chip that answers GET CHALLENGE as App. D.3 does, and EXTERNAL AUTHENTICATE with `answer`. */
const chip =
  (answer: Buffer, sent: Buffer[] = []): Transmit =>
  async (command) => {
    sent.push(command);
    return command[1] === 0x84 ? hex(`${worked.RND_IC}9000`) : command[1] === 0xa4 ? hex('9000') : answer;
  };
const right = hex(`${worked.E_IC}${worked.M_IC}9000`);
const establish = (transmit: Transmit) => establishBac(transmit, keys.mrzInformation, drawn);

/** An answer with a good code over what the chip should not say. */
function signed(plain: string): Buffer {
  const { encryption, mac } = deriveChannelKeys(bacSeed(keys.mrzInformation), '3DES');
  const sealed = encrypt('3DES', encryption, hex(plain));
  return Buffer.concat([sealed, authenticate('3DES', mac, pad(sealed, 8)), hex('9000')]);
}

describe('basic access control (9303-11 §4.3)', () => {
  test('the mutual authentication of App. D.3 comes out byte by byte', async () => {
    const sent: Buffer[] = [];
    const messaging = await establish(chip(right, sent));
    expect(sent.map((command) => command.toString('hex').toUpperCase())).toEqual(['0084000008', worked.commandApdu]);
    expect(messaging.state()).toEqual({
      cipher: '3DES',
      encryption: hex(worked.KSEnc),
      mac: hex(worked.KSMAC),
      counter: hex(worked.SSC),
    });
  });

  test('another MRZ than that of the card is refused', async () => {
    expect(await refusal(establishBac(chip(right), 'L898902C<369080619406237', drawn))).toBe('access.failed');
    expect(await refusal(establish(chip(hex('6300'))))).toBe('access.failed');
  });

  test('no bit of the answer can be turned', async () => {
    for (let bit = 0; bit < (right.length - 2) * 8; bit += 1) {
      const turned = Buffer.from(right);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect(await refusal(establish(chip(turned)))).toBe('access.failed');
    }
  });

  test('a good code over other nonces than those of this session is refused', async () => {
    expect(signed(worked.R)).toEqual(right);
    const [ic, ifd, key] = [worked.RND_IC, worked.RND_IFD, worked.K_IC];
    for (const plain of [`${ifd}${ic}${key}`, `${ic}${'00'.repeat(8)}${key}`, `${'00'.repeat(8)}${ifd}${key}`]) {
      expect(await refusal(establish(chip(signed(plain))))).toBe('access.failed');
    }
  });

  test('answers of another length are refused', async () => {
    expect(await refusal(establish(chip(right.subarray(2))))).toBe('access.failed');
    expect(await refusal(establish(chip(Buffer.concat([Buffer.alloc(8), right]))))).toBe('access.failed');
    expect(await refusal(establish(async () => hex('01029000')))).toBe('apdu.malformed');
    expect(await refusal(establish(async () => hex('6982')))).toBe('apdu.status');
    expect(await refusal(establish(async () => hex('90')))).toBe('apdu.malformed');
  });

  test('no answers make it throw anything but its own refusal', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 50 }).map((octets) => Buffer.from(octets)),
      fc.uint8Array({ minLength: 40, maxLength: 40 }).map((octets) => Buffer.concat([octets, hex('9000')])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (challenge, answer) => {
        const transmit: Transmit = async (command) => (command[1] === 0x84 ? challenge : answer);
        expect(await refusal(establish(transmit))).toMatch(/^(access|apdu)\./);
      }),
      { numRuns },
    );
  });
});
