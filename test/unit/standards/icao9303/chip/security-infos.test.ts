import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integer, oid, sequence, setOf, tlv } from '../../../../../src/standards/icao9303/asn1/write.ts';
import { parseSecurityInfos } from '../../../../../src/standards/icao9303/chip/security-infos.ts';
import { vectors, vectorTest } from '../../../../support/card-vectors.ts';
import { hex, refusal } from '../../../../support/refused.ts';
import printed from '../../../../vectors/icao9303/pace-ecdh-gm.json' with { type: 'json' };

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const BSI = '0.4.0.127.0.7.2.2';
const active = sequence(oid('2.23.136.1.1.5'), integer(1), oid('0.4.0.127.0.7.1.1.4.1.3'));

describe('SecurityInfos (9303-11 §9.2)', () => {
  test('EF.CardAccess of App. G.1 offers PACE by generic mapping on brainpoolP256r1 with AES-128', () => {
    expect(parseSecurityInfos(hex(printed.pace.cardAccess))).toEqual({
      pace: [{ oid: `${BSI}.4.2.2`, agreement: 'ECDH', mapping: 'GM', cipher: 'AES-128', version: 2, parameterId: 13 }],
      chipAuthentication: [],
      chipKeys: [],
    });
  });

  vectorTest('DG14 of a real passport offers chip authentication and names its key', () => {
    const { sessions } = JSON.parse(readFileSync(join(vectors ?? '', 'chip-authentication-sessions.json'), 'utf8'));
    const infos = parseSecurityInfos(hex(sessions[0].dg14));
    expect(infos.chipAuthentication).toEqual([
      { oid: `${BSI}.3.2.2`, agreement: 'ECDH', cipher: 'AES-128', version: 1 },
    ]);
    expect(infos.chipKeys).toMatchObject([{ agreement: 'ECDH' }]);
    expect(infos.pace).toMatchObject([{ cipher: 'AES-128', parameterId: 13 }]);
  });

  test('what active authentication signs with is read; what nobody here knows is left out', () => {
    const unknown = sequence(oid('1.2.3.4'), integer(1), tlv(0x30));
    const infos = parseSecurityInfos(tlv(0x6e, setOf(active, unknown)));
    expect(infos.activeAuthentication).toEqual({ version: 1, signature: '0.4.0.127.0.7.1.1.4.1.3' });
    expect(infos.pace.length + infos.chipAuthentication.length + infos.chipKeys.length).toBe(0);
  });

  test.each([
    [
      'two statements about active authentication',
      'dg.malformed',
      tlv(0x6e, setOf(active, sequence(oid('2.23.136.1.1.5'), integer(1), oid('1.2.3')))),
    ],
    ['a SecurityInfo of one part', 'dg.malformed', setOf(sequence(oid('1.2.3')))],
    ['a SecurityInfo of four parts', 'dg.malformed', setOf(sequence(oid('1.2.3'), integer(1), integer(1), integer(1)))],
    ['two sets in DG14', 'dg.malformed', tlv(0x6e, setOf(active), setOf())],
    ['a version that is no number', 'asn1.unexpected', setOf(sequence(oid(`${BSI}.4.2.2`), oid('1.2.3')))],
    ['a sequence in place of the set', 'asn1.unexpected', sequence(active)],
    ['bytes behind the structure', 'asn1.trailing', Buffer.concat([setOf(active), Buffer.from([0])])],
    ['a file of more than 4 kB', 'input.too_large', tlv(0x31, Buffer.alloc(4094))],
    ['nothing', 'asn1.malformed', Buffer.alloc(0)],
  ])('%s is refused', (_, code, file) => {
    expect(refusal(() => parseSecurityInfos(file))).toBe(code);
  });

  test('no bytes make it throw anything but its own refusal', () => {
    const good = tlv(
      0x6e,
      setOf(active, sequence(oid(`${BSI}.4.2.2`), integer(2), integer(13)), sequence(oid(`${BSI}.3.2.2`), integer(1))),
    );
    const turned = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 })
      .map((turns) => {
        const file = Buffer.from(good);
        for (const [at, mask] of turns) file[at]! ^= mask;
        return file;
      });
    fc.assert(
      fc.property(
        fc.oneof(
          turned,
          fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
        ),
        (file) => {
          expect(refusal(() => parseSecurityInfos(file))).toMatch(/^(accepted|(asn1|dg|input)\..*)$/);
        },
      ),
      { numRuns },
    );
  });
});
