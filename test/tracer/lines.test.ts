import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/domain/event.ts';
import { readDns } from '../../tracer/strace/dns.ts';
import { parseLine } from '../../tracer/strace/parse-line.ts';
import { TraceReader } from '../../tracer/strace/resolve.ts';
import { Stitcher } from '../../tracer/strace/stitch.ts';

const NO_HOST = {
  typeOf: () => undefined,
  readLink: () => undefined,
  bornAt: () => undefined,
  head: () => '',
  isSetId: () => false,
};

function read(lines: readonly string[]): TraceEvent[] {
  const events: TraceEvent[] = [];
  const options = { host: NO_HOST, cwd: '/w', started: 0, isRoot: true };
  const reader = new TraceReader({ ...options, onEvent: (event) => events.push(event) });
  for (const line of lines) reader.push(line, 1);
  return events;
}

/** Text that looks like strace's, and breaks in its places. */
const piece = fc.constantFrom(
  'openat(AT_FDCWD</w>, "a", O_RDONLY) = 3</w/a>',
  'execve("/bin/x", ["x"], ["A=b"]) = 0',
  '<... ',
  ' resumed>',
  '<unfinished ...>',
  '"',
  '\\',
  '\\377',
  '</',
  '>',
  '(',
  ')',
  ' = ',
  '-1 ENOENT',
  '+++ exited with 0 +++',
  '{',
  '}',
  'sendto(3<socket:[1]>, "\\0\\1", 2, 0, {sa_family=AF_INET, sin_port=htons(53)',
  'clone(flags=CLONE_THREAD) = 7',
);
const line = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }).map((all) => all.join('')),
);

describe('lines of strace', () => {
  it('are taken apart without ever throwing', () => {
    fc.assert(fc.property(line, (text) => void parseLine(text)));
  });

  it('are never dropped: each that is no call, end or signal is told as a problem', () => {
    fc.assert(fc.property(fc.array(line, { maxLength: 5 }), (lines) => void read(lines.map((text) => `7 ${text}`))));
    const problems = read(['7 what is this', 'no pid at all']).filter((event) => event.kind === 'problem');
    expect(problems).toHaveLength(2);
  });

  it('are whole again after other lines came between', () => {
    const whole = 'openat(AT_FDCWD</w>, "x <unfinished ...> y", O_RDONLY) = 3</w/x>';
    fc.assert(
      fc.property(fc.integer({ min: 8, max: whole.indexOf(')') }), (at) => {
        const stitcher = new Stitcher();
        expect(stitcher.push(`7     ${whole.slice(0, at)} <unfinished ...>`)).toBe('unfinished');
        expect(stitcher.push('8     +++ exited with 0 +++')).toEqual({ pid: 8, text: '+++ exited with 0 +++' });
        const after = stitcher.push(`7     <... openat resumed>${whole.slice(at)}`);
        expect(typeof after === 'object' && after.text.replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''));
      }),
    );
  });
});

describe('evidence', () => {
  const secret = 'hunter2-secret';
  it.each([
    `sendto(3<socket:[1]>, "${secret}", 9, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = 9`,
    `sendmsg(3<socket:[1]>, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, msg_namelen=16, msg_iov=[{iov_base="${secret}", iov_len=9}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 9`,
    `setxattr("/w/a", "user.x", "${secret}", 9, 0) = 0`,
    `execve("/bin/x", ["x"], ["HOME=/h", "TOKEN=${secret}"]) = 0`,
    `execve("/bin/x", ["x"], ["TOKEN=${secret}"`,
    `<... execve resumed>, ["TOKEN=${secret}"]) = 0 and more`,
  ])('keeps no data and no environment: %s', (text) => {
    expect(JSON.stringify(read([`7 ${text}`]))).not.toContain(secret);
  });
});

describe('DNS messages', () => {
  it('are read without ever throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readDns(bytes)));
  });

  it('with a name that points to itself end', () => {
    const bytes = Uint8Array.from([0, 1, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1, 0xc0, 12]);
    expect(readDns(bytes)?.addresses ?? []).toEqual([]);
  });
});
