/**
 * The lunisolar calendar of Viet Nam, which the Labour Code counts Tết and the Hùng Kings' day by: new moons and the sun's place
 * after J. Meeus, Astronomical Algorithms (1998), chapters 25 and 49, by the rules of Hồ Ngọc Đức, "Thuật toán tính âm lịch",
 * for the meridian of Ha Noi (UTC+7; Decision 121-CP of 1967). Days are whole, without an hour: `YYYY-MM-DD`.
 */

const RAD = Math.PI / 180;
const DAY = 86_400_000;
/** The Julian day number of 1 January 1970. */
const EPOCH = 2_440_588;
/** Of the day: Viet Nam is seven hours ahead of Greenwich. */
const ZONE = 7 / 24;
/** The new moon of 1 January 1900, and the days from one to the next. */
const FIRST = 2_415_021.076_998_695;
const MONTH = 29.530_588_853;

const julian = (day: string): number => Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY) + EPOCH;
const dayOf = (number: number): string => new Date((number - EPOCH) * DAY).toISOString().slice(0, 10);
const sin = (degrees: number): number => Math.sin(degrees * RAD);

/** The day in Viet Nam on which the k-th new moon since that of 1900 falls. */
function newMoon(k: number): number {
  const t = k / 1236.85;
  const mean =
    2_415_020.759_33 +
    29.530_588_68 * k +
    0.000_117_8 * t ** 2 -
    0.000_000_155 * t ** 3 +
    0.000_33 * sin(166.56 + 132.87 * t - 0.009_173 * t ** 2);
  const sun = 359.2242 + 29.105_356_08 * k - 0.000_033_3 * t ** 2 - 0.000_003_47 * t ** 3;
  const moon = 306.0253 + 385.816_918_06 * k + 0.010_730_6 * t ** 2 + 0.000_012_36 * t ** 3;
  const latitude = 21.2964 + 390.670_506_46 * k - 0.001_652_8 * t ** 2 - 0.000_002_39 * t ** 3;
  const correction =
    (0.1734 - 0.000_393 * t) * sin(sun) +
    0.0021 * sin(2 * sun) -
    0.4068 * sin(moon) +
    0.0161 * sin(2 * moon) -
    0.0004 * sin(3 * moon) +
    0.0104 * sin(2 * latitude) -
    0.0051 * sin(sun + moon) -
    0.0074 * sin(sun - moon) +
    0.0004 * sin(2 * latitude + sun) -
    0.0004 * sin(2 * latitude - sun) -
    0.0006 * sin(2 * latitude + moon) +
    0.001 * sin(2 * latitude - moon) +
    0.0005 * sin(2 * moon + sun);
  // Between the clock of the planets and that of people; this formula serves dates after the year −11.
  const drift = -0.000_278 + 0.000_265 * t + 0.000_262 * t ** 2;
  return Math.floor(mean + correction - drift + 0.5 + ZONE);
}

/** Which of the twelve signs of 30° the sun stands in when this day begins in Viet Nam. */
function sign(day: number): number {
  const t = (day - 0.5 - ZONE - 2_451_545) / 36_525;
  const anomaly = 357.5291 + 35_999.0503 * t - 0.000_155_9 * t ** 2 - 0.000_000_48 * t ** 3;
  const centre =
    (1.9146 - 0.004_817 * t - 0.000_014 * t ** 2) * sin(anomaly) +
    (0.019_993 - 0.000_101 * t) * sin(2 * anomaly) +
    0.000_29 * sin(3 * anomaly);
  const longitude = 280.46645 + 36_000.769_83 * t + 0.000_303_2 * t ** 2 + centre;
  return Math.floor((((longitude % 360) + 360) % 360) / 30);
}

/** The new moon that begins the eleventh month of a year: the month in which the sun is at the winter solstice. */
function eleventh(year: number): number {
  const k = Math.floor((julian(`${year}-12-31`) - FIRST) / MONTH + 0.5);
  // Whether the sun has passed the solstice when this new moon comes.
  const found = newMoon(k) > julian(`${year}-12-31`) ? k - 1 : k;
  return sign(newMoon(found)) >= 9 ? found - 1 : found;
}

/** The new moon that begins a month from the first to the tenth of a year; a leap month that doubles it comes after it. */
function beginning(year: number, month: number): number {
  const before = eleventh(year - 1);
  const isLeapYear = eleventh(year) - before === 13;
  // The leap month is the first in which the sun enters no new sign.
  let leap = Number.POSITIVE_INFINITY;
  for (let at = 1; isLeapYear && leap > 13; at += 1)
    if (sign(newMoon(before + at)) === sign(newMoon(before + at + 1))) leap = at;
  const offset = month + 1;
  return before + (offset < leap ? offset : offset + 1);
}

/** The day (`YYYY-MM-DD`) on which a day of the lunar year falls that begins in this year of ours; months one to ten. */
export const lunarDay = (year: number, { month, day }: { readonly month: number; readonly day: number }): string =>
  dayOf(newMoon(beginning(year, month)) + day - 1);
