/** How a policy's workload is started on this machine. */
import { resolve } from 'node:path';
import { LeastwiseError } from './domain/errors.ts';
import { displayText } from './domain/path.ts';
import type { Policy } from './domain/policy.ts';
import { fromTemplate, type Variables } from '../synthesizer/template.ts';
import type { Launch } from '../synthesizer/targets/mxc.ts';

/** @param command in place of the policy's own; undefined or empty for that one */
export function launchOf(policy: Policy, variables: Variables, command?: readonly string[]): Launch {
  const own = command === undefined || command.length === 0;
  const argv = own ? policy.workload.command.map((argument) => expand(argument, variables)) : command;
  const cwd = resolve(variables.workspace, expand(policy.workload.cwd, variables));
  return { command: argv, cwd, environment: process.env };
}

function expand(template: string, variables: Variables): string {
  const text = fromTemplate(template, variables);
  if (text !== undefined) return text;
  throw new LeastwiseError(
    'bad-policy',
    `cannot use ${displayText(template)}: it names an unknown variable`,
    'Known are ${workspace}, ${home} and ${tmp}.',
  );
}
