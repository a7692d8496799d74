/**
 * Paths as text, with the flavour of the system that they come from. Pure.
 *
 * A POSIX path is bytes. As text it is UTF-8 decoded; a byte that is not valid UTF-8 becomes the lone
 * surrogate U+DC00 + byte (U+DC80..U+DCFF), so that every path has exactly one text and back.
 */
export type PathFlavour = 'posix' | 'windows';

const LONE_BYTE = 0xdc00;

/** Whether `path` is `root` or lies below it. Both absolute and normal; no trailing separator but in a root. */
export function isWithin(path: string, root: string, flavour: PathFlavour = 'posix'): boolean {
  if (flavour === 'windows') return isWithin(posixForm(path), posixForm(root));
  if (path === root || root === '/') return true;
  return path.startsWith(root) && path.charCodeAt(root.length) === 47;
}

/** The folder that holds `path`; the root's parent is itself. */
export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

/** The last component; empty for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** All folders above `path`, nearest first, ending with the root. Empty for the root. */
export function ancestorsOf(path: string): string[] {
  const found: string[] = [];
  for (let at = path; at !== '/';) {
    at = parentOf(at);
    found.push(at);
  }
  return found;
}

/** `base` joined with `rest` and made normal: no `.`, `..`, doubled or trailing separators. An absolute `rest` wins. */
export function resolvePath(base: string, rest: string): string {
  const whole = rest.startsWith('/') ? rest : `${base}/${rest}`;
  if (!/\/(?:\/|\.(?:\/|$)|\.\.(?:\/|$))|.\/$/.test(whole)) return whole;
  const kept: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** Text of the bytes of a path (see the head of this file). */
export function textOfBytes(bytes: Uint8Array): string {
  const plain = UTF8.decode(bytes);
  if (!plain.includes('\ufffd')) return plain;
  return decodeLossless(bytes);
}

/** The bytes of a path's text; the inverse of {@link textOfBytes}. */
export function bytesOfText(text: string): Uint8Array {
  if (text.isWellFormed()) return ENCODER.encode(text);
  const out: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code - LONE_BYTE);
    else out.push(...ENCODER.encode(char));
  }
  return Uint8Array.from(out);
}

/**
 * Text that is safe on a terminal and on one line: control characters, bidirectional overrides, other
 * invisible format characters and bytes that are not UTF-8 are written as escapes.
 */
export function displayText(text: string): string {
  if (/^[\x20-\x5b\x5d-\x7e]*$/.test(text)) return text;
  return text.replace(/\\|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escapeCharacter);
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

function decodeLossless(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at]!);
    const piece = strictText(bytes.subarray(at, at + length), length);
    text += piece ?? String.fromCharCode(LONE_BYTE + bytes[at]!);
    at += piece === undefined ? 1 : length;
  }
  return text;
}

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function strictText(bytes: Uint8Array, length: number): string | undefined {
  if (bytes.length < length) return undefined;
  try {
    return STRICT.decode(bytes);
  } catch {
    return undefined;
  }
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function escapeCharacter(char: string): string {
  const named = NAMED_ESCAPES[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0)!;
  if (code >= 0xdc80 && code <= 0xdcff) return hexEscape(code - LONE_BYTE);
  return code < 0x80 ? hexEscape(code) : `\\u{${code.toString(16)}}`;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function posixForm(path: string): string {
  return path.replaceAll('\\', '/').toLowerCase();
}
