import type { ClientFrame, ClientFrameType, ServerFrame, ServerFrameType } from './frames.ts';

/** An example of each frame, for the AsyncAPI document; a test holds them against the schemas. */
export const CLIENT_EXAMPLES: { [Type in ClientFrameType]: ClientFrame<Type> } = {
  hello: { v: 1, t: 'hello', seq: 1, token: 'uq1dAi1nXQlSzZ0Jv4q6jG5Jr0cA2mBk8yWn3tHxT7E', mode: 'any' },
  chip: {
    ...{ v: 1, t: 'chip', seq: 2, access: 'PACE-CAN', atr: 'O4iAAQBzyEATAJAA', extLen: true, maxCmd: 261, maxRsp: 256 },
    app: { platform: 'android' },
  },
  file: { v: 1, t: 'file', seq: 3, ef: 'COM', data: 'YBZfAQQwMTA3XzYGMDQwMDAwXAVhdWtubw' },
  aa: { v: 1, t: 'aa', seq: 9, response: 'p1RZ0kO2dI3uNcE4GmVqYQ' },
  handover: {
    ...{ v: 1, t: 'handover', seq: 10 },
    sm: {
      ...{ alg: 'AES-128', ksEnc: 'AAECAwQFBgcICQoLDA0ODw', ksMac: 'EBESExQVFhcYGRobHB0eHw' },
      ssc: 'AAAAAAAAAAAAAAAAAAAALA',
    },
  },
  rapdu: { v: 1, t: 'rapdu', seq: 11, re: 2, rsps: ['mQKQAI4IAAECAwQFBgeQAA'] },
  end: { v: 1, t: 'end', seq: 12 },
  fail: { v: 1, t: 'fail', seq: 3, reason: 'lost' },
};

export const SERVER_EXAMPLES: { [Type in ServerFrameType]: ServerFrame<Type> } = {
  begin: {
    ...{
      v: 1,
      t: 'begin',
      seq: 1,
      sid: 'b0xj2mZ1cQh3vK9wYx4T5A',
      mode: 'handover',
      expiresAt: '2026-06-01T02:32:00.000Z',
    },
    ...{ aaChallenge: 'iKtV3mQ0fXc', need: ['SOD', 'DG1', 'DG13', 'DG14'], maxFile: 65_536 },
    access: ['PACE-CAN', 'PACE-MRZ', 'BAC'],
  },
  apdu: { v: 1, t: 'apdu', seq: 2, cmds: ['DCJBpA6HCQEAAQIDBAUGBwCOCAABAgMEBQYHAA'], stopOn: 'sw!=9000' },
  done: { v: 1, t: 'done', seq: 3, status: 'refused', code: 'reader' },
};
