/** Paths with variables in place of the folders that differ from machine to machine. Pure. */
import { isWithin } from '../src/domain/path.ts';

/** Absolute folders; the longest that fits wins, `workspace` first among equals. */
export interface Variables {
  readonly workspace: string;
  readonly home: string;
  readonly tmp: string;
}

const NAMES = ['workspace', 'home', 'tmp'] as const;

/** `path` with the variable that fits best. A literal `${` in it is doubled: `$${`. */
export function toTemplate(path: string, variables: Variables): string {
  let best: (typeof NAMES)[number] | undefined;
  for (const name of NAMES) {
    const folder = variables[name];
    if (folder === '/' || folder === '' || !isWithin(path, folder)) continue;
    if (best === undefined || folder.length > variables[best].length) best = name;
  }
  if (best === undefined) return escapeLiteral(path);
  return `\${${best}}${escapeLiteral(path.slice(variables[best].length))}`;
}

/** The absolute path of a template; undefined where it names an unknown variable. */
export function fromTemplate(template: string, variables: Variables): string | undefined {
  let known = true;
  const path = template.replace(/\$(\$\{)|\$\{([^}]*)\}/g, (_whole, literal: string | undefined, name: string) => {
    if (literal !== undefined) return literal;
    if (isVariable(name)) return variables[name];
    known = false;
    return '';
  });
  return known ? path : undefined;
}

/** Arguments of a command: only those that are, or begin with, a folder of `variables` are changed. */
export function argumentToTemplate(argument: string, variables: Variables): string {
  return argument.startsWith('/') ? toTemplate(argument, variables) : escapeLiteral(argument);
}

function isVariable(name: string): name is (typeof NAMES)[number] {
  return (NAMES as readonly string[]).includes(name);
}

function escapeLiteral(text: string): string {
  // A function: in a replacement text, two dollars are one.
  return text.replaceAll('${', () => '$${');
}
