import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../../src/cli/progress.ts';
import { createTerminal, visible } from '../../../src/cli/terminal.ts';

/** A stream as a terminal or as a file, what was written to it, and a clock. */
function place(terminal?: { columns: number }) {
  const out = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal ? { isTTY: true, ...terminal } : {});
  const clock = { now: 0 };
  return { out, clock, said: (): string => (out.read() as string | null) ?? '', now: () => clock.now };
}

describe('progress', () => {
  test('on a terminal is one line, written anew ten times a second, and gone at the end', () => {
    const { out, clock, now, said } = place({ columns: 80 });
    const progress = createProgress('reading', { out, quiet: false }, now);
    for (clock.now = 0; clock.now < 200; clock.now += 10) progress.at(1_000 + clock.now, 20_000);
    expect(said()).toBe('\r\x1b[K… reading: 1,000 of 20,000\r\x1b[K… reading: 1,100 of 20,000');
    progress.end();
    progress.end();
    expect(said()).toBe('\r\x1b[K');
  });

  test('never fills the last column, where terminals break lines', () => {
    const { out, now, said } = place({ columns: 12 });
    createProgress('reading everything', { out, quiet: false }, now).at(1);
    expect(said()).toBe('\r\x1b[K… reading e');
  });

  test('elsewhere is a plain line every five seconds; what is quick says nothing', () => {
    const { out, clock, now, said } = place();
    const progress = createProgress('reading', { out, quiet: false }, now);
    for (clock.now = 0; clock.now < 11_000; clock.now += 500) progress.at(clock.now);
    progress.end();
    expect(said()).toBe('… reading: 5,000\n… reading: 10,000\n');
  });

  test('a step of a terminal is shown at once: it may be the one that takes long', () => {
    const { out, now, said } = place({ columns: 80 });
    const progress = createProgress('migrating', { out, quiet: false }, now);
    progress.step('one');
    progress.step('two');
    expect(said()).toBe('\r\x1b[K… migrating: one\r\x1b[K… migrating: two');
  });

  test('with --json is nothing at all', () => {
    const { out, now, said } = place({ columns: 80 });
    const progress = createProgress('reading', { out, quiet: true }, now);
    progress.at(1);
    progress.step('one');
    progress.end();
    expect(said()).toBe('');
  });
});

describe('what a terminal is told', () => {
  test('goes without colours where it is no terminal', () => {
    const { out } = place();
    expect(createTerminal(false, { out, err: out }).bad('✗ no')).toBe('✗ no');
  });

  test('cannot steer it: escapes, controls and marks that turn text around are shown as what they are', () => {
    expect(visible('a\x1b[31mb\u009bc\u202ed\ne')).toBe('a\\u001b[31mb\\u009bc\\u202ed\\u000ae');
    expect(visible('Hãng hàng không 🛫')).toBe('Hãng hàng không 🛫');
  });
});
