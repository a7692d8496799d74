/** What a person reads after learning: what was granted, left out, and is theirs to decide. */
import type { Console } from '../console.ts';
import { displayText } from '../domain/path.ts';
import type { FileGrant, Policy } from '../domain/policy.ts';
import type { Exposure } from '../../synthesizer/exposure.ts';
import { shellWord } from '../../synthesizer/targets/shell-quote.ts';
import type { CompiledPolicy } from '../../synthesizer/targets/mxc.ts';

const LINES = 12;

export function describeLearned(policy: Policy, compiled: CompiledPolicy, exposure: Exposure, console: Console): void {
  const runs = policy.recordings.length;
  console.note(`${console.paint('bold', displayText(policy.name))}: a policy from ${plural(runs, 'recording')}`);
  describeIncomplete(policy, console);
  describeGrants(policy, console);
  describeNetwork(policy, console);
  describeLeftOut(policy, console);
  describeMachine(compiled, exposure, console);
  for (const caveat of compiled.caveats) console.note(console.paint('yellow', `  ${caveat}`));
  describePending(policy, console);
}

function describeIncomplete(policy: Policy, console: Console): void {
  const count = policy.recordings.filter((recording) => recording.status === 'incomplete').length;
  if (count === 0) return;
  const which = policy.recordings.length === 1 ? 'it is' : `${count} of them ${count === 1 ? 'is' : 'are'}`;
  console.note(console.paint('yellow', `  ${which} incomplete: what was not seen is not granted`));
}

function describeGrants(policy: Policy, console: Console): void {
  for (const access of ['read-write', 'read-only', 'empty', 'denied'] as const) {
    const grants = policy.filesystem.filter((grant) => grant.access === access);
    if (grants.length === 0) continue;
    console.note(`  ${TITLES[access]}:`);
    listSome(grants.map(grantLine), console);
  }
  const names = policy.environment.map((grant) => displayText(grant.name)).join(' ');
  console.note(`  environment: ${names === '' ? 'none' : names}`);
}

const TITLES = {
  'read-write': 'read and write',
  'read-only': 'read',
  empty: 'empty stand-ins (there, but nothing of the host is in them)',
  denied: 'denied within these',
} as const;

function grantLine(grant: FileGrant): string {
  const folder = grant.scope === 'folder' ? '/' : '';
  return `${displayText(grant.path)}${folder}  (${REASONS[grant.reason]}, ${plural(grant.evidence.accesses, 'access', 'accesses')})`;
}

const REASONS: Readonly<Record<FileGrant['reason'], string>> = {
  observed: 'used',
  'folder-change': 'entries come and go',
  listed: 'listed',
  generalised: 'several of its files used',
  symlink: 'a link on the way',
  presence: 'only looked for',
  temporary: 'temporary files',
  guarded: 'guarded',
  decision: 'decided',
};

function describeNetwork(policy: Policy, console: Console): void {
  if (policy.network.mode === 'none') return console.note('  network: none but loopback inside the sandbox');
  console.note('  network: none is granted, though these were reached:');
  listSome(
    policy.network.destinations.map(({ protocol, address, port, names, side }) => {
      const name = names.length === 0 ? '' : ` (${displayText(names.join(', '))})`;
      return `${protocol} ${displayText(address)}:${port}${name}${side === 'host' ? ', a service on this machine' : ''}`;
    }),
    console,
  );
}

function describeLeftOut(policy: Policy, console: Console): void {
  if (policy.leftOut.length === 0) return;
  console.note('  left out:');
  listSome(
    policy.leftOut.map(({ path, why }) => `${displayText(path)}: ${why}`),
    console,
  );
}

function describeMachine(compiled: CompiledPolicy, exposure: Exposure, console: Console): void {
  const least = exposure.partial ? 'at least ' : '';
  console.note(
    `  exposes beyond what was seen: ${least}${plural(exposure.readable, 'file')} readable, ${plural(exposure.writable, 'file')} writable`,
  );
  if (compiled.masks.length > 0) {
    console.note('  guarded places within the grants, masked on this machine:');
    listSome(
      compiled.masks.map(
        (mask) =>
          `${displayText(mask.path)}  (${mask.what ?? 'decided'}${mask.access === 'read-only' ? ', read-only' : ''})`,
      ),
      console,
    );
  }
}

function describePending(policy: Policy, console: Console): void {
  if (policy.pending.length === 0) return;
  console.note(console.paint('yellow', `  ${plural(policy.pending.length, 'decision')} to make; denied until then:`));
  listSome(
    policy.pending.map(
      (pending) =>
        `${pending.risk} risk: ${displayText(pending.question)}\n        --allow ${patternText(pending.pattern)}  or  --deny ${patternText(pending.pattern)}`,
    ),
    console,
  );
}

/** To be copied into a shell: quotes in a hostile name must not end the word. */
function patternText(pattern: string): string {
  return displayText(shellWord(pattern));
}

function listSome(lines: readonly string[], console: Console): void {
  for (const line of lines.slice(0, LINES)) console.note(`    ${line}`);
  if (lines.length > LINES) console.note(`    … and ${lines.length - LINES} more`);
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
