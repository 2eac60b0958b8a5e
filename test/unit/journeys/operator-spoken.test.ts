import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { spoken, wordsOf } from '../../../src/journeys/operator/changes/spoken.ts';
import { createMessages } from '../../../src/platform/messages.ts';

const root = resolve(import.meta.dirname, '../../..');
const messages = createMessages(`${root}/views/messages`);
const say = (locale: 'vi' | 'en', sentence: string): string | null => {
  const words = wordsOf(sentence, messages);
  return words && messages.t(locale, words);
};

/** Whose faults and findings the console shows; what an assurance policy is told, and a certificate's own parser, is English. */
const RULES = [
  'src/domain/relying-parties/{registration,saving}.ts',
  'src/domain/relying-parties/metadata/*.ts',
  'src/domain/relying-parties/changes/{client-change,kept-party,key-trial,trial}.ts',
  'src/domain/operators/{value,changes}.ts',
  'src/domain/approvals/drafts.ts',
  'src/domain/signing-keys/key-changes.ts',
  'src/domain/proofing/{trust-store/national-changes,card-rules/rule-changes}.ts',
  'src/journeys/operator/{staff,clients,keys}/*.ts',
];

/** Sentences as they stand in a source: a capital, then words, then a full stop; or the few that end with what they are about. */
function sentencesIn(source: string): string[] {
  const code = source.replace(/\/\*.*?\*\//gs, '').replace(/^\s*\/\/.*$/gm, '');
  const quoted = [...code.matchAll(/'((?:[^'\\\n]|\\.)+)'|`([^`\n]+)`/g)].map(([, one, other]) => one ?? other ?? '');
  return quoted.filter(
    (text) => /^(\$\{\w+\}|[A-Z])[^:]* .*(\.|https:\/\/|\$\{url\.href\})$/.test(text) && !/when:/.test(text),
  );
}

test('every sentence of the rules that a change is looked at by is said in both languages', () => {
  const sentences = globSync(RULES, { cwd: root }).flatMap((file) =>
    sentencesIn(readFileSync(resolve(root, file), 'utf8')),
  );
  expect(new Set(sentences).size).toBeGreaterThan(90);
  const silent = sentences.filter((text) => {
    const filled = text.replace(/\$\{[^}]*\}/g, 'x1');
    const [vi, en] = [say('vi', filled), say('en', filled)];
    return en !== filled || vi === null || vi === en;
  });
  expect([...new Set(silent)].filter((text) => !NOT_SHOWN.includes(text))).toEqual([]);
});

/** When an error of the protocol is answered: a sentence of the reference, not of a page. */
const NOT_SHOWN = [
  'Relying parties may still hold a key set without the next key: until then it signs only if the change says so.',
];

test.each([
  [
    'Write it exactly as a browser sends it: https://a.example/',
    'Hãy viết đúng như trình duyệt gửi đi: https://a.example/',
  ],
  [
    'No key that is good today makes any signatures.',
    'Hôm nay chưa có khóa nào dùng được để ký bằng bất kỳ thuật toán nào.',
  ],
  ['FAPI 2.0: true.', 'FAPI 2.0: phải là true.'],
  [
    'First the engine, then the rule: that of this server does none, and with tested no face would pass.',
    'Hãy thay bộ so sánh khuôn mặt trước rồi mới đổi quy tắc: bộ của máy chủ này ở mức none, còn với tested thì không khuôn mặt nào qua được.',
  ],
  ['From suspended nobody becomes invited.', 'Không ai chuyển từ “tạm dừng” sang “đã mời”.'],
  ["It is not among the client's claims.", 'Mục này không nằm trong thông tin mà ứng dụng được phép.'],
])('%s', (english, vietnamese) => {
  expect(say('vi', english)).toBe(vietnamese);
  expect(say('en', english)).toBe(english);
});

test.each([
  [z.string(), undefined, 'Bắt buộc phải có mục này.'],
  [z.string(), 7, 'Sai kiểu dữ liệu: cần string, đang là number.'],
  [z.literal('code'), 'token', 'Mục này chỉ nhận "code".'],
  [z.enum(['web', 'native']), 'x', 'Hãy chọn một trong: "web"|"native"'],
  [z.string().min(1), '', 'Ngắn quá: cần ít nhất 1 ký tự.'],
  [z.array(z.string()).max(1), ['a', 'b'], 'Dài quá: nhiều nhất 1 mục.'],
  [z.int().min(0), -1, 'Nhỏ quá: ít nhất là 0.'],
  [z.email(), 'x', 'Đây chưa phải một địa chỉ thư điện tử.'],
  [z.url(), 'x', 'Đây chưa phải một địa chỉ.'],
  [z.iso.datetime(), 'x', 'Đây chưa phải một thời điểm, ví dụ 2027-01-31T00:00:00Z.'],
  [z.iso.date(), 'x', 'Đây chưa phải một ngày, ví dụ 2027-01-31.'],
  [z.union([z.literal(1), z.literal(2)]), 3, 'Mục này không nhận giá trị như vậy.'],
])('what a schema says by itself is said in words too (%#)', (schema, value, vietnamese) => {
  const sentence = schema.safeParse(value).error?.issues[0]?.message ?? '';
  expect(say('vi', sentence), sentence).toBe(vietnamese);
  expect(say('en', sentence)).not.toBeNull();
});

test('where in a key set something is belongs to the path, and what has no words of ours stays as it was said', () => {
  const lines = [
    { level: 'error', path: 'metadata.jwks', message: 'keys.0.n: An RSA key has at least 2,048 bits.' },
    { level: 'error', path: '2:1', message: 'Flow map must end with a }.' },
  ];
  expect(spoken(lines, messages)).toEqual([
    {
      ...{ level: 'error', path: 'metadata.jwks.keys.0.n', message: 'An RSA key has at least 2,048 bits.' },
      words: { key: 'fault.key.rsa-short', values: {} },
    },
    { ...lines[1], words: null },
  ]);
});
