/** The front door of the logical data structure (9303-10). */
export { checkDigit } from './check-digit.ts';
export { type Com, parseCom } from './com.ts';
export { COM_TAG, DATA_GROUP_TAGS, type DataGroupNumber, dataGroupOf, FILE_LIMITS, SOD_TAG } from './data-groups.ts';
export { parseDg1 } from './dg1.ts';
export { type FacePortraits, parseDg2 } from './dg2.ts';
export { type NationalData, parseDg13 } from './dg13.ts';
export { type Mrz, mrzInformation, parseMrz } from './mrz.ts';
export { latinLetters } from './names/latin-letters.ts';
export { type ZoneName, zoneNameFits } from './names/zone-name-fits.ts';
export { type CardNumbers, formatNationalCard, type NationalCardHolder, personalNumber } from './national-card.ts';
export { PORTRAIT_LIMITS, type Portrait, readPortrait } from './portrait/image.ts';
export { type CardQr, parseCardQr } from './qr.ts';
export { formatTd1, type Td1 } from './td1.ts';
export { formatTd3, type Td3 } from './td3.ts';
export { type PortraitToWrite, writeCom, writeDg1, writeDg2, writeDg13 } from './write.ts';
