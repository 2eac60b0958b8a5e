import {
  authenticate,
  type Cipher,
  encrypt,
  pad,
  SUITES,
} from '../../../../../src/standards/icao9303/access/ciphers.ts';
import {
  deriveChannelKeys,
  type Password,
  passwordKey,
} from '../../../../../src/standards/icao9303/access/key-derivation.ts';
import { createCardMessaging } from '../../../../../src/standards/icao9303/access/messaging.ts';
import {
  abscissaOf,
  generatorOf,
  mappedGenerator,
  multiply,
  octetsOf,
  type Point,
  pointFrom,
} from '../../../../../src/standards/icao9303/access/points.ts';
import { drawScalar, type Random } from '../../../../../src/standards/icao9303/access/scalar.ts';
import { decodeCommand } from '../../../../../src/standards/icao9303/apdu/command.ts';
import type { Transmit } from '../../../../../src/standards/icao9303/apdu/response.ts';
import { readFirst } from '../../../../../src/standards/icao9303/asn1/read.ts';
import { integer, oid, sequence, setOf, tlv } from '../../../../../src/standards/icao9303/asn1/write.ts';
import type { CurveName } from '../../../../../src/standards/icao9303/pki/algorithms/curve-parameters.ts';
import { hex } from '../../../../support/refused.ts';

const SUITE = { '3DES': 1, 'AES-128': 2, 'AES-192': 3, 'AES-256': 4 } as const;
export const PACE = '0.4.0.127.0.7.2.2.4';
export const paceInfo = (arc: string, parameterId: number | undefined, version = 2): Buffer =>
  sequence(oid(`${PACE}.${arc}`), integer(version), ...(parameterId === undefined ? [] : [integer(parameterId)]));
export const cardAccessOf = (...infos: Buffer[]): Buffer => setOf(...infos);

/** The chip's side of PACE-GM, and the application behind it. `change` turns an answer's value before it is sent. */
export function aPaceChip(options: {
  readonly curve: CurveName;
  readonly parameterId: number;
  readonly cipher: Cipher;
  readonly password: Password;
  readonly random: Random;
  readonly change?: (tag: number, value: Buffer, sent: Buffer) => Buffer;
}) {
  const { curve, cipher, password, random, change = (_, value) => value } = options;
  const protocol = `${PACE}.2.${SUITE[cipher]}`;
  const nonce = random(SUITES[cipher].key > 16 ? 32 : 16);
  let generator: Point = generatorOf(curve);
  let keys = deriveChannelKeys(nonce, cipher);
  let ours = Buffer.alloc(0) as Buffer;
  let theirs = Buffer.alloc(0) as Buffer;
  let card: ReturnType<typeof createCardMessaging> | undefined;
  const seen: number[] = [];
  const answer = (tag: number, value: Buffer, sent: Buffer): Buffer =>
    Buffer.concat([tlv(0x7c, tlv(tag, change(tag, value, sent))), hex('9000')]);
  const token = (key: Buffer): Buffer => {
    const body = tlv(0x7f49, oid(protocol), tlv(0x86, key));
    return authenticate(cipher, keys.mac, cipher === '3DES' ? pad(body, 8) : body);
  };
  const agree = (sent: Buffer): Point => {
    const secret = drawScalar(curve, random);
    ours = octetsOf(multiply(generator, secret));
    theirs = sent;
    return multiply(pointFrom(curve, sent), secret);
  };
  const transmit: Transmit = async (bytes) => {
    const { ins, data = Buffer.alloc(0) } = decodeCommand(bytes);
    seen.push(ins);
    if (card) {
      card.open(bytes);
      return card.seal(hex('9000'));
    }
    if (ins !== 0x86) return hex('9000');
    const sent = readFirst(data, { encoding: 'der' }).children[0];
    if (!sent) return answer(0x80, encrypt(cipher, passwordKey(password, cipher), nonce), data);
    if (sent.tag === 0x81) {
      const shared = agree(sent.value);
      generator = mappedGenerator(curve, nonce, shared);
      return answer(0x82, ours, sent.value);
    }
    if (sent.tag === 0x83) {
      keys = deriveChannelKeys(abscissaOf(curve, agree(sent.value)), cipher);
      return answer(0x84, ours, sent.value);
    }
    if (!sent.value.equals(token(ours))) return hex('6300');
    const last = answer(0x86, token(theirs), sent.value);
    card = createCardMessaging({ cipher, ...keys, counter: Buffer.alloc(SUITES[cipher].block) });
    return last;
  };
  return { transmit, seen, cardAccess: cardAccessOf(paceInfo(`2.${SUITE[cipher]}`, options.parameterId)) };
}
