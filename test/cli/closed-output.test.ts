import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

it('says nothing of its own where nobody reads its output any more', () => {
  const script = `{ "$0" "$1" --help; echo "code $?" >&2; } | true`;
  const { stderr } = spawnSync('sh', ['-c', script, process.execPath, CLI], { encoding: 'utf8' });
  expect(stderr).toBe('code 0\n');
});
