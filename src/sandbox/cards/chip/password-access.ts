import { authenticate, encrypt, pad, SUITES, same } from '../../../standards/icao9303/access/ciphers.ts';
import {
  type ChannelKeys,
  deriveChannelKeys,
  type Password,
  passwordKey,
} from '../../../standards/icao9303/access/key-derivation.ts';
import { drawScalar } from '../../../standards/icao9303/access/scalar.ts';
import type { Command } from '../../../standards/icao9303/apdu/command.ts';
import { oid, tlv } from '../../../standards/icao9303/asn1/write.ts';
import { curveOf, encodePoint, fromOctets, type Point, toOctets } from '../authority/curves.ts';
import type { ChipOptions } from '../chip-options.ts';
import { paceProtocol } from '../security-infos.ts';
import { type Answer, gives, objectsIn, type Part, SW, says } from './answer.ts';

const PASSWORDS: Readonly<Record<number, Password['kind']>> = { 1: 'MRZ', 2: 'CAN' };
/** The data objects of GENERAL AUTHENTICATE (9303-11 §4.4.4.2): what the terminal sends, what comes back. */
const DO = { nonce: 0x80, map: 0x81, mapped: 0x82, key: 0x83, ownKey: 0x84, token: 0x85, ownToken: 0x86 } as const;
const dynamic = (tag: number, value: Buffer): Answer => gives(tlv(0x7c, tlv(tag, value)));

/** How far a run has come. */
type Run =
  | { readonly step: 'begun'; readonly key: Buffer }
  | { readonly step: 'nonce'; readonly nonce: Buffer }
  | { readonly step: 'mapped'; readonly generator: Point }
  | { readonly step: 'agreed'; readonly keys: ChannelKeys; readonly theirs: Point; readonly ours: Point };

/** PACE with generic mapping over a curve, the chip's side (9303-11 §4.4). */
export function createPasswordAccess(parts: {
  readonly pace: NonNullable<ChipOptions['pace']>;
  readonly secrets: Readonly<Record<Password['kind'], string>>;
  readonly random: (octets: number) => Buffer;
  /** Refuses to run at all, or sends the terminal's own key back. */
  readonly fault?: 'refused-pace' | 'echoed-key' | undefined;
  /** Someone showed a wrong password. */
  readonly onFailure: () => void;
}): Part {
  const { pace, secrets, random, fault, onFailure } = parts;
  const { cipher } = pace;
  const protocol = oid(paceProtocol(cipher));
  const { points, size } = curveOf(pace.curve);
  const draw = (): bigint => fromOctets(drawScalar(pace.curve, random));
  let run: Run | undefined;

  const setTemplate = (command: Command): Answer => {
    run = undefined;
    const objects = objectsIn(command.data);
    const kind = PASSWORDS[objects.get(0x83)?.value[0] ?? 0];
    if (fault === 'refused-pace' || !objects.get(0x80)?.value.equals(protocol.subarray(2))) return says(SW.wrongData);
    if (!kind) return says(SW.notFound);
    run = { step: 'begun', key: passwordKey({ kind, secret: secrets[kind] }, cipher) };
    return says(SW.ok);
  };

  const sendNonce = (key: Buffer): Answer => {
    const nonce = random(SUITES[cipher].block);
    run = { step: 'nonce', nonce };
    return dynamic(DO.nonce, encrypt(cipher, key, nonce));
  };

  /** G' = s·G + H, H the secret of a first agreement (9303-11 §4.4.3.3.1). */
  const map = (nonce: Buffer, theirs: Point): Answer => {
    const secret = draw();
    const factor = fromOctets(nonce) % points.Fn.ORDER;
    run = { step: 'mapped', generator: points.BASE.multiply(factor).add(theirs.multiply(secret)) };
    return dynamic(DO.mapped, encodePoint(points.BASE.multiply(secret)));
  };

  const agree = (generator: Point, theirs: Point): Answer => {
    const secret = draw();
    const shared = toOctets(theirs.multiply(secret).x, size);
    const ours = fault === 'echoed-key' ? theirs : generator.multiply(secret);
    run = { step: 'agreed', keys: deriveChannelKeys(shared, cipher), theirs, ours };
    return dynamic(DO.ownKey, encodePoint(ours));
  };

  /** The code over the other side's public key (9303-11 §4.4.3.4). */
  const token = ({ mac }: ChannelKeys, point: Point): Buffer => {
    const message = tlv(0x7f49, protocol, tlv(0x86, encodePoint(point)));
    return authenticate(cipher, mac, cipher === '3DES' ? pad(message, 8) : message);
  };

  const confirm = ({ keys, theirs, ours }: Run & { step: 'agreed' }, shown: Buffer): Answer => {
    if (!same(shown, token(keys, ours))) {
      onFailure();
      return says(SW.failed);
    }
    return {
      ...dynamic(DO.ownToken, token(keys, theirs)),
      channel: { cipher, ...keys, counter: Buffer.alloc(SUITES[cipher].block) },
    };
  };

  const generalAuthenticate = (command: Command): Answer | undefined => {
    const before = run;
    if (!before) return undefined;
    run = undefined;
    const children = objectsIn(command.data).get(0x7c)?.children;
    if (!children) return says(SW.wrongData);
    const sent = new Map(children.map(({ tag, value }) => [tag, value]));
    const point = (tag: number): Point | undefined => readPoint(sent.get(tag));
    if (before.step === 'begun') return sendNonce(before.key);
    if (before.step === 'agreed') return confirm(before, sent.get(DO.token) ?? Buffer.alloc(0));
    const theirs = point(before.step === 'nonce' ? DO.map : DO.key);
    if (!theirs) return says(SW.wrongData);
    return before.step === 'nonce' ? map(before.nonce, theirs) : agree(before.generator, theirs);
  };

  const readPoint = (octets: Buffer | undefined): Point | undefined => {
    try {
      return octets && points.fromBytes(octets);
    } catch {
      // Not on the curve: the library says it by an exception.
      return undefined;
    }
  };

  return (command) => {
    const { ins, p1, p2 } = command;
    if (ins === 0x22 && p1 === 0xc1 && p2 === 0xa4) return setTemplate(command);
    return ins === 0x86 ? generalAuthenticate(command) : undefined;
  };
}
