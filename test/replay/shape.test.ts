import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/replay/shape.ts';

describe('shapeOf', () => {
  it.each([
    ['/a/run-1.log', '/a/run-27.log'],
    ['/a/0b9c7e61-1111-4222-8333-444455556666', '/a/9f00aa12-aaaa-4bbb-8ccc-ddddeeeeffff'],
    ['/a/2026-11-23T10/x', '/a/2027-01-02T09/x'],
    ['/tmp/tmp8xk2_abc', '/tmp/tmpabcdefgh'],
    [
      '/r/objects/ab/cdef00112233445566778899aabbccddeeff0011',
      '/r/objects/0f/00112233445566778899aabbccddeeff00112233',
    ],
    ['/r/objects/be', '/r/objects/42'],
  ])('%s is like %s', (a, b) => {
    expect(shapeOf(a)).toBe(shapeOf(b));
  });

  it.each([
    ['/a/README.md', '/a/CHANGELOG.md'],
    ['/src/index.ts', '/src/main.ts'],
    ['/a/be/x', '/a/it/x'],
  ])('%s is not like %s', (a, b) => {
    expect(shapeOf(a)).not.toBe(shapeOf(b));
  });

  it('keeps the number of components, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string().map((name) => name.replaceAll('/', ''))), (names) => {
        expect(shapeOf(names.join('/')).split('/')).toHaveLength(names.join('/').split('/').length);
      }),
    );
  });
});
