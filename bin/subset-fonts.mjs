// `npm run fonts`: makes views/assets/fonts of the package of Be Vietnam Pro. What it makes is kept with the sources, because an
// old telephone loads it: without the instructions for coarse screens, and with the characters and features that we set, the
// four files are half of what the package's are, and look the same.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import subsetFont from 'subset-font';

const packaged = dirname(createRequire(import.meta.url).resolve('@fontsource/be-vietnam-pro/package.json'));
const fonts = join(import.meta.dirname, '..', 'views', 'assets', 'fonts');

const WEIGHTS = [400, 600];
/** Accents, marks and the figures of tables and of text. */
const FEATURES = ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'liga', 'tnum', 'lnum'];

/** What a face of the style sheet says that it has: the file has exactly this. */
const styles = readFileSync(join(fonts, '..', 'styles.css'), 'utf8');
function charactersOf(name) {
  const face = styles.split('@font-face').find((rule) => rule.includes(name)) ?? '';
  const ranges = [...face.matchAll(/U\+([0-9A-F]+)(?:-([0-9A-F]+))?/g)];
  return ranges
    .flatMap(([, from, to = from]) => {
      const [first, last] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
      return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));
    })
    .join('');
}

mkdirSync(fonts, { recursive: true });
for (const script of ['latin', 'vietnamese'])
  for (const weight of WEIGHTS) {
    const name = `be-vietnam-pro-${script}-${weight}-normal.woff2`;
    const whole = readFileSync(join(packaged, 'files', name));
    const options = { targetFormat: 'woff2', noHinting: true, noLayoutClosure: true, keepFeatures: FEATURES };
    const small = await subsetFont(whole, charactersOf(name), options);
    writeFileSync(join(fonts, name), small);
    console.log(`${name}: ${whole.length} → ${small.length} bytes`);
  }
// The licence goes wherever the fonts go (SIL Open Font License 1.1, 2).
writeFileSync(join(fonts, 'LICENSE'), readFileSync(join(packaged, 'LICENSE')));
