/** Why SenID does not vouch for somebody, in a sentence for the officer at the counter: vi, en. */
const REASONS: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  card_not_read: ['Chưa đọc được thẻ. Hãy thử lại.', 'The card was not read. Try again.'],
  card_not_genuine: ['Thẻ này không được công nhận là thật.', 'This card is not recognised as genuine.'],
  card_not_valid: ['Thẻ không còn giá trị.', 'The card is no longer valid.'],
  card_status_unknown: [
    'Hiện không ai trả lời thẻ còn giá trị hay không.',
    'Nobody says at present whether the card is good.',
  ],
  portrait_unusable: ['Không so được ảnh trong chíp.', 'The portrait of the chip cannot be compared.'],
  face_too_often: [
    'Với thẻ này, khuôn mặt đã không khớp quá nhiều lần. Hãy thử lại sau một giờ.',
    'With this card the face has differed too often. Try again in an hour.',
  ],
  picture_unusable: ['Không ảnh nào so được.', 'None of the pictures could be compared.'],
  face_differs: ['Khuôn mặt không phải của người trên thẻ.', 'The face is not that of the card.'],
  face_not_live: ['Không thấy người thật trước máy ảnh.', 'No living person was seen before the camera.'],
  register_silent: ['Cơ sở dữ liệu dân cư chưa trả lời.', 'The population register does not answer.'],
  holder_not_confirmed: ['Không xác nhận được người này.', 'This person could not be confirmed.'],
};

/** One of them. A reason that comes later is a refusal all the same. */
export const reasons = (code: string): readonly [vi: string, en: string] =>
  REASONS[code] ?? ['Không xác nhận được.', 'It was not confirmed.'];
