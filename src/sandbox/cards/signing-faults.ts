import type { FaultRow } from './fault-row.ts';

/** What is wrong with a signature or with whoever made it: passive authentication refuses these (9303-11 §5.1). */
export const SIGNING_FAULTS = {
  'expired-signer': {
    label: { vi: 'Chứng thư bên ký đã hết hạn', en: 'The signer’s certificate has expired' },
    refusals: ['dsc.validity'],
    signer: 'expired',
  },
  'early-signer': {
    label: { vi: 'Chứng thư bên ký chưa có hiệu lực', en: 'The signer’s certificate is not yet valid' },
    refusals: ['dsc.validity'],
    signer: 'early',
  },
  'revoked-signer': {
    label: { vi: 'Chứng thư bên ký đã bị thu hồi', en: 'The signer’s certificate was revoked' },
    refusals: ['dsc.revoked'],
    signer: 'revoked',
  },
  'unknown-authority': {
    label: { vi: 'Cơ quan cấp không ai biết', en: 'An authority that nobody trusts' },
    refusals: ['csca.unknown'],
    signer: 'unknown',
  },
  'foreign-authority': {
    label: { vi: 'Nước khác ký thẻ Việt Nam', en: 'Another country signed a Vietnamese card' },
    refusals: ['csca.foreign'],
    signer: 'foreign',
  },
  'borrowed-country': {
    label: { vi: 'Nước khác ký và tự xưng là Việt Nam', en: 'Another country signed and calls itself Viet Nam' },
    refusals: ['dsc.country'],
    signer: 'borrowed-country',
  },
  'forged-signer': {
    label: { vi: 'Chứng thư bên ký là giả', en: 'The signer’s certificate is a forgery' },
    refusals: ['dsc.signature'],
    signer: 'forged',
  },
  'lookalike-authority': {
    label: {
      vi: 'Cơ quan giả trùng khóa công khai (CVE-2020-0601)',
      en: 'A false authority with the true public key (CVE-2020-0601)',
    },
    refusals: ['dsc.signature'],
    signer: 'lookalike',
  },
  'chosen-curve': {
    label: { vi: 'Bên ký tự chọn đường cong', en: 'A signer with a curve of its own choice' },
    refusals: ['algorithm.curve'],
    signer: 'chosen-curve',
  },
  'signer-is-authority': {
    label: { vi: 'Bên ký tự nhận là cơ quan chứng thực', en: 'A signer that says it is an authority' },
    refusals: ['dsc.is_ca'],
    signer: 'is-authority',
  },
  'wrong-key-usage': {
    label: { vi: 'Chứng thư không được phép ký thẻ', en: 'A certificate that may not sign' },
    refusals: ['dsc.key_usage'],
    signer: 'wrong-usage',
  },
  'wrong-document-type': {
    label: { vi: 'Bên ký chỉ được ký hộ chiếu', en: 'A signer for passports only' },
    refusals: ['dsc.document_type'],
    signer: 'other-documents',
  },
  'critical-extension': {
    label: {
      vi: 'Chứng thư có phần bắt buộc không ai hiểu',
      en: 'A certificate with a critical part that nobody knows',
    },
    refusals: ['certificate.extension'],
    signer: 'critical-extension',
  },

  'sha1-security-object': {
    label: { vi: 'Ký bằng thuật toán đã bị phá (SHA-1)', en: 'Signed with a broken algorithm (SHA-1)' },
    refusals: ['algorithm.weak'],
    hash: 'SHA-1',
  },
  'wrong-signature': {
    label: { vi: 'Chữ ký của thẻ sai', en: 'The signature on the card is wrong' },
    refusals: ['sod.signature'],
    flaw: 'wrong-signature',
  },
  'wrong-digest': {
    label: { vi: 'Chữ ký là của nội dung khác', en: 'The signature is for other content' },
    refusals: ['sod.digest'],
    flaw: 'wrong-digest',
  },
  'no-digest': {
    label: { vi: 'Phần được ký thiếu giá trị băm', en: 'What was signed names no digest' },
    refusals: ['sod.attributes'],
    flaw: 'no-digest',
  },
  'no-attributes': {
    label: { vi: 'Chữ ký không có thuộc tính', en: 'A signature without attributes' },
    refusals: ['sod.attributes'],
    flaw: 'no-attributes',
  },
  'no-certificate': {
    label: { vi: 'Thiếu chứng thư bên ký', en: 'The signer’s certificate is missing' },
    refusals: ['sod.signer_missing'],
    flaw: 'no-certificate',
  },
  'two-signers': {
    label: { vi: 'Hai bên cùng ký', en: 'Two signers' },
    refusals: ['sod.signers'],
    flaw: 'two-signers',
  },
  'other-content-type': {
    label: { vi: 'Nội dung được ký không phải của thẻ', en: 'What was signed is no security object' },
    refusals: ['sod.content_type'],
    flaw: 'other-content-type',
  },
  'old-version': {
    label: { vi: 'Phiên bản của thông điệp ký không đúng', en: 'The signed message has another version' },
    refusals: ['sod.version'],
    flaw: 'version-1',
  },
  'unknown-version': {
    label: {
      vi: 'Phiên bản của đối tượng an toàn chưa từng có',
      en: 'A version of the security object that does not exist',
    },
    refusals: ['sod.version'],
    flaw: 'version-2',
  },
  'group-twice': {
    label: { vi: 'Một nhóm dữ liệu được kê hai lần', en: 'A data group is listed twice' },
    refusals: ['sod.data_groups'],
    flaw: 'group-twice',
  },
  'unknown-group': {
    label: { vi: 'Kê một nhóm dữ liệu không tồn tại', en: 'A data group is listed that does not exist' },
    refusals: ['sod.data_groups'],
    flaw: 'unknown-group',
  },
  'short-hash': {
    label: { vi: 'Giá trị băm bị cắt ngắn', en: 'The hashes are cut short' },
    refusals: ['sod.data_groups'],
    flaw: 'short-hash',
  },
  'indefinite-length': {
    label: { vi: 'Mã hóa không theo DER', en: 'Encoded otherwise than in DER' },
    refusals: ['asn1.not_der'],
    flaw: 'indefinite-length',
  },
  'second-object': {
    label: { vi: 'Tệp chữ ký có phần thừa', en: 'The file of the signature holds more than that' },
    refusals: ['asn1.unexpected'],
    flaw: 'second-object',
  },
} as const satisfies Record<string, FaultRow>;
