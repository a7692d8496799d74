import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../src/make-folder.ts';

it('makes folders with those above them, and says which was the first', () => {
  const base = mkdtempSync(join(tmpdir(), 'leastwise-test-'));
  try {
    expect(makeFolder(join(base, 'a', 'b', 'c'))).toBe(join(base, 'a'));
    expect(existsSync(join(base, 'a', 'b', 'c'))).toBe(true);
    expect(makeFolder(join(base, 'a'))).toBeUndefined();
  } finally {
    rmSync(base, { recursive: true });
  }
});

it('comes back where no folder can be', () => {
  expect(() => makeFolder('/proc/no/such')).toThrow('ENOENT');
});
