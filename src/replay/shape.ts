/** Paths of two runs that are the same but for the parts that every run makes up anew: numbers, dates, digests, random names. Pure. */

/** `path` with its made-up parts taken out; two paths of the same shape stand for the same thing. */
export function shapeOf(path: string): string {
  const names = path.split('/');
  return names.map((name, index) => nameShape(name, isFanOut(names, index))).join('/');
}

/** @param fanOut whether two hexadecimal digits are the beginning of a digest, as in a store by content */
export function nameShape(name: string, fanOut = false): string {
  if (fanOut && TWO_DIGITS.test(name)) return '*';
  return name
    .replace(UUID, '*')
    .replace(/^tmp[a-z0-9_]{8}(?=$|\.)/, 'tmp*')
    .split(/([-._~@+,:= ])/)
    .map((word, index) => (index % 2 === 1 ? word : wordShape(word)))
    .join('');
}

/** Whether the name at `index` may be the first digits of a digest: a longer one follows, or a store's folder comes before. */
export function isFanOut(names: readonly string[], index: number): boolean {
  if (!TWO_DIGITS.test(names[index]!)) return false;
  const before = names[index - 1] ?? '';
  return STORES.has(before) || TWO_DIGITS.test(before) || LONG_DIGEST.test(names[index + 1] ?? '');
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const TWO_DIGITS = /^[0-9a-f]{2}$/i;
const LONG_DIGEST = /^[0-9a-f]{24,}/i;
const STORES = new Set(['objects', 'sha1', 'sha256', 'sha512', 'cas', 'blobs', 'files']);

function wordShape(word: string): string {
  if (/^[0-9a-f]{6,}$/i.test(word) && /\d/.test(word)) return '*';
  if (/^[0-9a-f]{16,}$/i.test(word)) return '*';
  if (word.length >= 6 && isRandom(word)) return '*';
  return word.replace(/\d+/g, '#');
}

/** Digits within letters, or capitals that come and go as in no word. */
function isRandom(word: string): boolean {
  if (/[a-z]\d+[a-z]/i.test(word)) return true;
  return (word.match(/[a-z][A-Z]/g)?.length ?? 0) >= 2 && (word.match(/[A-Z]{2}[a-z]|\d/g)?.length ?? 0) >= 1;
}
