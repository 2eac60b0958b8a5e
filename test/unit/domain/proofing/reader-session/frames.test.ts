import { describe, expect, test } from 'vitest';
import { FILE_LIMITS } from '../../../../../src/domain/proofing/chip-evidence.ts';
import { CLIENT_EXAMPLES, SERVER_EXAMPLES } from '../../../../../src/domain/proofing/reader-session/examples.ts';
import { CLIENT_FRAMES, clientFrame, SERVER_FRAMES } from '../../../../../src/domain/proofing/reader-session/frames.ts';
import { LIMITS } from '../../../../../src/domain/proofing/reader-session/limits.ts';

describe('the frames of the reader protocol', () => {
  test.each(Object.keys(CLIENT_FRAMES) as (keyof typeof CLIENT_FRAMES)[])(
    'the example of %s is a frame of a reader',
    (name) => {
      expect(CLIENT_FRAMES[name].safeParse(CLIENT_EXAMPLES[name]).error).toBeUndefined();
      expect(clientFrame.safeParse(CLIENT_EXAMPLES[name]).error).toBeUndefined();
    },
  );

  test.each(Object.keys(SERVER_FRAMES) as (keyof typeof SERVER_FRAMES)[])(
    'the example of %s is a frame of the server',
    (name) => {
      expect(SERVER_FRAMES[name].safeParse(SERVER_EXAMPLES[name]).error).toBeUndefined();
      expect(clientFrame.safeParse(SERVER_EXAMPLES[name]).success).toBe(false);
    },
  );

  test.each(Object.keys(CLIENT_FRAMES) as (keyof typeof CLIENT_FRAMES)[])(
    '%s with one member more is refused',
    (name) => {
      expect(clientFrame.safeParse({ ...CLIENT_EXAMPLES[name], challenge: 'iKtV3mQ0fXc' }).success).toBe(false);
      const smuggled = JSON.parse(`{"__proto__":{},${JSON.stringify(CLIENT_EXAMPLES[name]).slice(1)}`);
      expect(clientFrame.safeParse(smuggled).success).toBe(false);
    },
  );

  test('the largest portrait fits a frame, and one octet more than that file may have fits none', () => {
    const most = 'A'.repeat(Math.ceil((FILE_LIMITS.DG2 * 4) / 3));
    const frame = { v: 1, t: 'file', seq: 3, ef: 'DG2', data: most };
    expect(clientFrame.safeParse(frame).success).toBe(true);
    expect(JSON.stringify(frame).length).toBeLessThan(LIMITS.frame);
    expect(clientFrame.safeParse({ ...frame, data: `${most}AA` }).success).toBe(false);
  });
});
