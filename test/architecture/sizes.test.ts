import { expect, test } from 'vitest';
import { sources } from './sources.ts';

// design.md §7, budgets: a sense of proportion. What is over them wants to be two things.
const lines = (text: string): number => text.trimEnd().split('\n').length;

test('no source file is longer than 300 lines', () => {
  const files = sources('src');
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter(({ text }) => lines(text) > 300).map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([]);
});

test('the middle file has at most 100 lines', () => {
  const counts = sources('src')
    .map(({ text }) => lines(text))
    .sort((a, b) => a - b);
  expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(100);
});

test('no folder holds more than sixteen source files', () => {
  const folders = Map.groupBy(sources('src'), ({ path }) => path.slice(0, path.lastIndexOf('/')));
  expect(
    [...folders]
      .filter(([folder, files]) => files.length > (folder === 'src/platform' ? 30 : 16))
      .map(([folder, files]) => `${folder}: ${files.length}`),
  ).toEqual([]);
});

test('files are named by the thing, in kebab case', () => {
  const drawers = /(^|[-/])(utils?|helpers?|common|misc|manager|service|impl)([-./]|$)/;
  // `self-service` is a journey's name in the design, not a drawer called service.
  const named = sources('src').map(({ path }) => path.replace('/self-service/', '/own-account/'));
  expect(named.filter((path) => drawers.test(path) || !/^[a-z0-9./-]+$/.test(path))).toEqual([]);
});
