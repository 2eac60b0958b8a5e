/** Days without work of one year, and the Saturdays that are worked in exchange for one of them. */
export interface Holidays {
  readonly source: string;
  /** Counted from the law before the Government had announced the year's plan. */
  readonly provisional: boolean;
  readonly off: readonly string[];
  readonly worked: readonly string[];
}

/**
 * Public holidays of Viet Nam by year: Labour Code 45/2019/QH14 Art. 112 (1 January; five days of Tết; the 10th of the third
 * lunar month; 30 April; 1 May; 2 September and the day before or after; one that falls on a weekend is made up for on the next
 * working day), with the exchanges that the Government has announced. A year that is missing here has its fixed days only.
 */
export const HOLIDAYS: Readonly<Record<number, Holidays>> = {
  2026: {
    source: 'Labour Code 2019 Art. 112; plan of the Ministry of Home Affairs for 2026: Tết 14 to 22 February',
    provisional: false,
    off: [
      ...['2026-01-01', '2026-01-02'],
      ...['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20'],
      ...['2026-04-27', '2026-04-30', '2026-05-01'],
      ...['2026-08-31', '2026-09-01', '2026-09-02'],
    ],
    worked: ['2026-01-10', '2026-08-22'],
  },
  2027: {
    source:
      'Labour Code 2019 Art. 112, counted: Tết Đinh Mùi begins on 6 February, the 10th of the third lunar month is 16 April',
    provisional: true,
    off: [
      '2027-01-01',
      ...['2027-02-05', '2027-02-08', '2027-02-09', '2027-02-10', '2027-02-11'],
      ...['2027-04-16', '2027-04-30', '2027-05-03'],
      ...['2027-09-02', '2027-09-03'],
    ],
    worked: [],
  },
};

/** What the law fixes in every year, month and day. */
export const FIXED = ['01-01', '04-30', '05-01', '09-02'] as const;
