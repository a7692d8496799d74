/** Policy documents on disk: read with errors that name file and line, written whole or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';
import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import schema from '../policies/policy.schema.json' with { type: 'json' };
import { LeastwiseError } from './domain/errors.ts';
import { displayText } from './domain/path.ts';
import { POLICY_VERSION, type Policy } from './domain/policy.ts';
import type { PolicyFileReference } from './domain/reference.ts';

export interface PolicyFile {
  readonly policy: Policy;
  readonly reference: PolicyFileReference;
}

/** Larger files are not read: no policy is. */
const BYTES_AT_MOST = 256 * 1024 * 1024;

/** @throws LeastwiseError `bad-policy` with `file:line` */
export function readPolicy(file: string): PolicyFile {
  const text = readText(file);
  const tree = parseStrictly(text, file);
  const value = JSON.parse(text) as unknown;
  checkVersion(value, tree, text, file);
  const { valid, errors } = new Validator(schema as Schema, '7', false).validate(value);
  if (!valid) throw schemaError(mostTelling(errors), tree, text, file);
  const policy = value as Policy;
  return { policy, reference: { file, name: policy.name, digest: digestOf(policy) } };
}

/** The bytes of a policy document. */
export function policyText(policy: Policy): string {
  return `${JSON.stringify(policy, null, 2)}\n`;
}

/** sha256 of the canonical document, hex. */
export function digestOf(policy: Policy): string {
  return createHash('sha256').update(policyText(policy)).digest('hex');
}

/** Writes a file through a temporary one beside it, so that a reader sees all of it or the old one. */
export function writeWhole(file: string, text: string, mode = 0o644): void {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(temporary, text, { mode, flag: 'wx' });
    renameSync(temporary, file);
  } catch (error) {
    removeQuietly(temporary);
    throw new LeastwiseError(
      'io',
      `cannot write ${displayText(file)}: ${codeOf(error)}`,
      'Name another file with -o.',
      error,
    );
  }
}

/** What could not be made cannot be removed either: the first error is the one to tell. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nothing is there.
  }
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > BYTES_AT_MOST) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    return bytes.toString('utf8');
  } catch (error) {
    throw new LeastwiseError(
      'bad-policy',
      `cannot read the policy ${displayText(file)}: ${codeOf(error)}`,
      '"leastwise learn -o FILE" makes one.',
      error,
    );
  }
}

function parseStrictly(text: string, file: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  const first = errors[0];
  if (first === undefined && tree !== undefined) return tree;
  const what = first === undefined ? 'it is empty' : inWords(printParseErrorCode(first.error));
  // What is missing is missing where the text before ends, not where the next word stands.
  const at = what.endsWith('expected') ? text.slice(0, first?.offset).trimEnd().length : (first?.offset ?? 0);
  throw badPolicy(file, lineOf(text, at), `it is not JSON: ${what}`);
}

/** `CommaExpected` → `comma expected`. */
function inWords(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function checkVersion(value: unknown, tree: Node, text: string, file: string): void {
  const version = (value as { leastwise?: unknown } | null)?.leastwise;
  const line = lineOf(text, findNodeAtLocation(tree, ['leastwise'])?.offset ?? 0);
  if (typeof version !== 'number')
    throw badPolicy(file, line, 'it is no policy document: the field "leastwise" is missing');
  if (version > POLICY_VERSION) {
    throw badPolicy(
      file,
      line,
      `it is of version ${version}, this program knows ${POLICY_VERSION}`,
      'Use a newer leastwise.',
    );
  }
}

/** A name that is misspelt is missing too, under its right name: the unknown one says more. The rest leads up to it. */
function mostTelling(errors: readonly OutputUnit[]): OutputUnit | undefined {
  const inner = errors.filter((error) => !WAY_DOWN.has(error.keyword));
  return inner.find((error) => error.keyword === 'false') ?? inner[0];
}

const WAY_DOWN = new Set(['properties', 'items', '$ref', 'additionalProperties']);

function schemaError(error: OutputUnit | undefined, tree: Node, text: string, file: string): LeastwiseError {
  const path = (error?.instanceLocation ?? '#').split('/').slice(1).map(fromPointer);
  const line = lineOf(text, findNodeAtLocation(tree, path)?.offset ?? 0);
  const isUnknown = error?.keyword === 'false';
  const where = (isUnknown ? path.slice(0, -1) : path).join('.') || 'the document';
  if (!isUnknown) return badPolicy(file, line, `${where} ${fieldProblem(error)}`);
  return badPolicy(file, line, `unknown field "${path.at(-1)}" in ${where}`, 'Take it out, or mend its name.');
}

function fieldProblem(error: OutputUnit | undefined): string {
  const allowed = error?.keyword === 'enum' ? /\[(.*)\]/.exec(error.error)?.[1] : undefined;
  if (allowed !== undefined) return `must be one of ${allowed.replaceAll('"', '').replaceAll(',', ', ')}`;
  return `is off: ${error?.error ?? 'it does not fit the schema'}`;
}

function badPolicy(file: string, line: number, what: string, remedy = ''): LeastwiseError {
  return new LeastwiseError(
    'bad-policy',
    `cannot use the policy ${displayText(file)}:${line}: ${displayText(what)}`,
    remedy,
  );
}

function fromPointer(part: string): string | number {
  const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(name) ? Number(name) : name;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? (error as Error).message;
}
