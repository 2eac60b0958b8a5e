import type { FaultRow } from './fault-row.ts';

/** Copies, changed files, and chips that answer wrongly. */
export const CHIP_FAULTS = {
  cloned: {
    label: { vi: 'Bản sao dữ liệu, chíp tự chế khóa', en: 'A copy of the data in a chip with invented keys' },
    refusals: ['ca.failed', 'aa.signature'],
    keys: 'invented',
  },
  'cloned-chip-key': {
    label: {
      vi: 'Bản sao của thẻ chỉ có xác thực chíp, khóa tự chế',
      en: 'A copy of a card with chip authentication alone, its key invented',
    },
    refusals: ['ca.failed'],
    proves: 'chip-authentication',
    keys: 'invented',
  },
  'cloned-mute': {
    label: { vi: 'Bản sao dữ liệu, chíp không chứng minh gì', en: 'A copy of the data in a chip that proves nothing' },
    refusals: ['chip.unproven', 'apdu.status', 'ca.failed'],
    keys: 'none',
  },
  'cloned-without-keys': {
    label: { vi: 'Bản sao đã bỏ các khóa của chíp', en: 'A copy without the files of the chip’s keys' },
    refusals: ['chip.unproven', 'dg.missing', 'apdu.status', 'input.missing'],
    after: 'without-keys',
    keys: 'none',
  },
  'swapped-dg15': {
    label: { vi: 'Khóa của chíp bị tráo', en: 'The chip’s key was swapped for the forger’s' },
    refusals: ['dg.hash'],
    after: 'own-active-key',
    keys: 'invented',
  },
  'unsigned-dg15': {
    label: { vi: 'Khóa của chíp được thêm vào sau', en: 'A chip’s key that was added after the signing' },
    refusals: ['dg.unsigned'],
    before: 'without-active-key',
    after: 'own-active-key',
    keys: 'invented',
  },
  'changed-dg1': {
    label: { vi: 'Họ tên và ngày sinh bị sửa', en: 'Name and birth date were changed' },
    refusals: ['dg.hash'],
    after: 'another-person',
  },
  'changed-dg2': {
    label: { vi: 'Ảnh bị thay', en: 'The portrait was replaced' },
    refusals: ['dg.hash'],
    after: 'another-portrait',
  },
  'changed-dg13': {
    label: { vi: 'Thông tin riêng của thẻ Việt Nam bị sửa', en: 'The national data were changed' },
    refusals: ['dg.hash'],
    after: 'another-residence',
  },
  'wrong-check-digit': {
    label: { vi: 'Số kiểm tra của dòng MRZ sai', en: 'A check digit of the machine readable zone is wrong' },
    refusals: ['mrz.check_digit'],
    before: 'wrong-check-digit',
  },

  'replayed-answer': {
    label: { vi: 'Phát lại câu trả lời cũ của chíp', en: 'An old answer of the chip, played again' },
    refusals: ['aa.signature'],
    chip: 'replayed-answer',
  },
  'der-signature': {
    label: { vi: 'Câu trả lời của chíp sai dạng', en: 'The chip’s answer has another form' },
    refusals: ['aa.format'],
    chip: 'der-signature',
  },
  'sha1-answer': {
    label: { vi: 'Chíp ký bằng thuật toán khác với đã khai', en: 'The chip signs with another hash than it names' },
    refusals: ['aa.signature'],
    chip: 'sha1-answer',
  },
  'off-curve-key': {
    label: { vi: 'Khóa của chíp không nằm trên đường cong', en: 'The chip’s key is no point of its curve' },
    refusals: ['ca.key'],
    proves: 'chip-authentication',
    before: 'off-curve-key',
  },
  'tampered-messaging': {
    label: { vi: 'Có người sửa dữ liệu trên đường truyền', en: 'Somebody changes what the chip sends' },
    refusals: ['messaging.mac'],
    chip: 'tampered-messaging',
  },
  'torn-session': {
    label: { vi: 'Thẻ bị nhấc ra giữa chừng', en: 'The card is taken away in the middle' },
    refusals: ['messaging.malformed', 'apdu.status'],
    chip: 'torn-session',
  },
  'refused-pace': {
    label: {
      vi: 'Chíp từ chối PACE, chỉ chịu cách yếu hơn',
      en: 'The chip refuses PACE and takes the weaker way only',
    },
    refusals: ['access.unsupported', 'access.failed'],
    chip: 'refused-pace',
  },
  'echoed-key': {
    label: { vi: 'Chíp gửi lại khóa của máy đọc', en: 'The chip sends the reader’s own key back' },
    refusals: ['access.key'],
    chip: 'echoed-key',
  },
} as const satisfies Record<string, FaultRow>;
