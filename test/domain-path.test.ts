import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfText, displayText, isWithin, resolvePath, textOfBytes } from '../src/domain/path.ts';

describe('path text', () => {
  it('keeps every byte sequence', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect([...bytesOfText(textOfBytes(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it('shows nothing that a terminal would act on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(displayText(textOfBytes(bytes))).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
    expect(displayText('a\u001b[31m\u202e\n')).toBe('a\\x1b[31m\\u{202e}\\n');
  });
});

describe('resolvePath', () => {
  it.each([
    ['/a/b', 'c', '/a/b/c'],
    ['/a/b', '../c', '/a/c'],
    ['/a', '/x//y/./z/', '/x/y/z'],
    ['/', '..', '/'],
    ['/a', '.', '/a'],
    ['/', 'x', '/x'],
  ])('%s + %s', (base, rest, want) => {
    expect(resolvePath(base, rest)).toBe(want);
  });
});

describe('isWithin', () => {
  it('does not take a sibling with the same beginning', () => {
    expect(isWithin('/a/bc', '/a/b')).toBe(false);
    expect(isWithin('/a/b/c', '/a/b')).toBe(true);
    expect(isWithin('C:\\Users\\X\\a', 'c:\\users\\x', 'windows')).toBe(true);
  });
});
