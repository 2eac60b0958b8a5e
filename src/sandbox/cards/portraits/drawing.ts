import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { COLUMNS, faceOf, ROWS, stripesOf } from './stripes.ts';

/** What a drawing may have about it; each makes the engine of the sandbox say something else. The order is that of the bits. */
export const MARKS = [
  'plain',
  'screen',
  'unchecked',
  'several',
  'small',
  'turned',
  'blurred',
  'dark',
  'bright',
  'undecided',
  'silent',
] as const;
export type Mark = (typeof MARKS)[number];

const [WIDTH, HEIGHT, SQUARE] = [480, 640, 40];

/**
 * Draws somebody as no camera sees anybody: JPEG, 480 × 640. With a `moment` it is a picture of that moment: the flies in the room
 * have moved, so that no two are the same or nearly so, as none of a camera are.
 */
export const drawPerson = (identityNumber: string, mark: Mark = 'plain', moment?: number): Promise<Buffer> =>
  sharp(Buffer.from(drawing(identityNumber, mark, moment)))
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 90 })
    .toBuffer();

/** The same for a card on a page: 120 × 160, a few kB. */
export const drawCardPicture = async (identityNumber: string): Promise<Buffer> =>
  sharp(await drawPerson(identityNumber))
    .resize(WIDTH / 4)
    .jpeg({ quality: 60 })
    .toBuffer();

function drawing(identityNumber: string, mark: Mark, moment: number | undefined): string {
  const bytes = createHash('sha256').update(`senid sandbox drawing ${identityNumber}`).digest();
  const hue = (place: number): number => Math.round(((bytes[place] ?? 0) / 256) * 360);
  const [skin, hair, wall] = [`hsl(${hue(0)},45%,70%)`, `hsl(${hue(1)},60%,32%)`, `hsl(${hue(2)},40%,90%)`];
  const eye = 14 + ((bytes[3] ?? 0) % 10);
  const mouth = 330 + ((bytes[4] ?? 0) % 40);
  const head = `<g>
    <ellipse cx="240" cy="230" rx="150" ry="175" fill="${hair}"/>
    <ellipse cx="240" cy="265" rx="125" ry="150" fill="${skin}"/>
    <circle cx="190" cy="245" r="${eye}" fill="#fff"/><circle cx="190" cy="245" r="${eye / 2}"/>
    <circle cx="290" cy="245" r="${eye}" fill="#fff"/><circle cx="290" cy="245" r="${eye / 2}"/>
    <path d="M190 ${mouth} q50 ${20 + ((bytes[5] ?? 0) % 30)} 100 0" stroke="#7a2b2b" stroke-width="8" fill="none"/>
    <path d="M215 400 v80 h50 v-80" fill="${skin}"/>
  </g>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="${WIDTH}" height="${HEIGHT}" fill="${wall}"/>
    ${(WAYS[mark] ?? ((one) => one))(head)}
    <path d="M60 560 q180 -140 360 0 z" fill="${hair}"/>
    ${moment === undefined ? '' : flies(moment)}
    ${shirt(faceOf(identityNumber), MARKS.indexOf(mark))}
  </svg>`;
}

const FLIES = 64;

/** All over the room, before the wall and before the face, but off the shirt: each in one of a million places and shades. */
function flies(moment: number): string {
  return Array.from({ length: FLIES }, (_, one) => {
    const bytes = createHash('sha256').update(`senid sandbox fly ${moment} ${one}`).digest();
    const [x, y] = [bytes.readUInt16BE(0) % WIDTH, bytes.readUInt16BE(2) % (HEIGHT - (ROWS + 1) * SQUARE)];
    const [radius, hue] = [4 + (bytes[4] ?? 0) / 32, bytes.readUInt16BE(5) % 360];
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="hsl(${hue},40%,${20 + (bytes[7] ?? 0) / 4}%)"/>`;
  }).join('');
}

const shirt = (person: number, mark: number): string =>
  stripesOf(person, mark)
    .map((white, place) => {
      const [x, y] = [(place % COLUMNS) * SQUARE, HEIGHT - ROWS * SQUARE + Math.floor(place / COLUMNS) * SQUARE];
      return `<rect x="${x}" y="${y}" width="${SQUARE}" height="${SQUARE}" fill="${white ? '#fff' : '#000'}"/>`;
    })
    .join('');

const veil = (colour: string, opacity: number): string =>
  `<rect width="${WIDTH}" height="${HEIGHT}" fill="${colour}" fill-opacity="${opacity}"/>`;

/** What shows of a mark, for people: the engine reads the shirt. */
const WAYS: Partial<Record<Mark, (head: string) => string>> = {
  screen: (head) =>
    `${head}<rect x="30" y="20" width="420" height="520" rx="30" fill="none" stroke="#222" stroke-width="36"/>`,
  unchecked: (head) => `${head}<circle cx="410" cy="70" r="44" fill="#888"/>`,
  several: (head) =>
    `<g transform="translate(-60 60) scale(.75)">${head}</g><g transform="translate(180 60) scale(.75)">${head}</g>`,
  small: (head) => `<g transform="translate(180 200) scale(.25)">${head}</g>`,
  turned: (head) => `<g transform="rotate(90 240 265)">${head}</g>`,
  blurred: (head) => `<filter id="b"><feGaussianBlur stdDeviation="18"/></filter><g filter="url(#b)">${head}</g>`,
  dark: (head) => `${head}${veil('#000', 0.75)}`,
  bright: (head) => `${head}${veil('#fff', 0.75)}`,
  undecided: (head) => `${head}<rect x="140" y="215" width="200" height="56" rx="20"/>`,
  silent: (head) => `${head}<rect x="180" y="320" width="120" height="80" rx="10" fill="#fff"/>`,
};
