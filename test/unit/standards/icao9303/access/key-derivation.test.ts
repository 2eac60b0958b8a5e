import { describe, expect, test } from 'vitest';
import { cmac } from '../../../../../src/standards/icao9303/access/cmac.ts';
import {
  bacSeed,
  deriveChannelKeys,
  deriveKey,
  passwordKey,
} from '../../../../../src/standards/icao9303/access/key-derivation.ts';
import { hex } from '../../../../support/refused.ts';
import bac from '../../../../vectors/icao9303/basic-access-control.json' with { type: 'json' };
import worked from '../../../../vectors/icao9303/pace-ecdh-gm.json' with { type: 'json' };

const { pace } = worked;
const upper = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();

describe('keys (9303-11 App. D.2, G.1)', () => {
  test('the key seed and the keys of basic access control come from the MRZ information', () => {
    const seed = bacSeed(bac.keys.mrzInformation);
    expect(upper(seed)).toBe(bac.keys.Kseed);
    const keys = deriveChannelKeys(seed, '3DES');
    expect([upper(keys.encryption), upper(keys.mac)]).toEqual([bac.keys.KEnc, bac.keys.KMAC]);
    expect(upper(bacSeed(bac.longDocumentNumber.mrzInformation))).toBe(bac.longDocumentNumber.Kseed);
  });

  test('the keys of a session come from both halves of the mutual authentication', () => {
    const keys = deriveChannelKeys(hex(bac.mutualAuthentication.Kseed), '3DES');
    expect([upper(keys.encryption), upper(keys.mac)]).toEqual([
      bac.mutualAuthentication.KSEnc,
      bac.mutualAuthentication.KSMAC,
    ]);
  });

  test('the key of the PACE nonce comes from the MRZ information, those of the channel from the shared secret', () => {
    const secret = 'T22000129364081251010318';
    expect(upper(passwordKey({ kind: 'MRZ', secret }, 'AES-128'))).toBe(pace.Kpi);
    const keys = deriveChannelKeys(hex(pace.Z), 'AES-128');
    expect([upper(keys.encryption), upper(keys.mac)]).toEqual([pace.KSEnc, pace.KSMAC]);
  });

  test('a card access number is taken as it is printed, not hashed', () => {
    const key = passwordKey({ kind: 'CAN', secret: '123456' }, 'AES-128');
    expect(key).toEqual(deriveKey(Buffer.from('123456'), 'password', 'AES-128'));
  });

  test('each cipher has a key of its length', () => {
    const lengths = (['3DES', 'AES-128', 'AES-192', 'AES-256'] as const).map(
      (cipher) => deriveKey(Buffer.alloc(32), 'mac', cipher).length,
    );
    expect(lengths).toEqual([16, 16, 24, 32]);
  });
});

describe('CMAC (RFC 4493 §4, NIST SP 800-38B App. D)', () => {
  const message = hex(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  );
  const keys = {
    128: '2b7e151628aed2a6abf7158809cf4f3c',
    192: '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    256: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  };
  test.each([
    [128, 0, 'bb1d6929e95937287fa37d129b756746'],
    [128, 16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [128, 40, 'dfa66747de9ae63030ca32611497c827'],
    [128, 64, '51f0bebf7e3b9d92fc49741779363cfe'],
    [192, 0, 'd17ddf46adaacde531cac483de7a9367'],
    [192, 64, 'a1d5df0eed790f794d77589659f39a11'],
    [256, 0, '028962f61b7bf89efc6b551f4667d983'],
    [256, 64, 'e1992190549f6ed5696a2c056c315410'],
  ] as const)('AES-%i over %i octets', (size, length, code) => {
    expect(cmac(hex(keys[size]), message.subarray(0, length)).toString('hex')).toBe(code);
  });
});
