/** Accesses ↔ database columns. A path that is not UTF-8 is kept as its bytes. */
import { hash } from 'node:crypto';
import {
  accessKey,
  type Access,
  type AccessObject,
  type FileType,
  type Operation,
  type PathObject,
} from '../domain/access.ts';
import { bytesOfText, textOfBytes } from '../domain/path.ts';

type Text = string | Buffer | null;

export type AccessColumns = readonly [
  key: Buffer, operation: string, outcome: string, program: Text, path: Text, real: Text, type: string | null,
  more: string | null, evidence: string, count: number, first: number, last: number, process: number,
]; // prettier-ignore

/** What {@link READ_COLUMNS} selects, in order. */
export type ReadColumns = readonly [
  operation: string, outcome: string, program: Text, path: Text, real: Text, type: string | null, more: string | null,
  evidence: string, count: number, first: number, last: number, process: number,
]; // prettier-ignore

export const READ_COLUMNS =
  'operation, outcome, program, path, real, type, more, evidence, count, first, last, process';

export function toColumns(access: Access): AccessColumns {
  const { object } = access;
  const plain = object.kind === 'path';
  const more = plain
    ? object.links.length === 0
      ? null
      : JSON.stringify({ links: object.links })
    : JSON.stringify({ object });
  const text = `${access.program}\0${accessKey(access)}`;
  const key = hash('sha256', text.isWellFormed() ? text : bytesOfText(text), 'buffer');
  return [
    key.subarray(0, 20), access.operation, access.outcome, toText(access.program),
    plain ? toText(object.path) : null, plain && object.real !== undefined ? toText(object.real) : null, plain ? object.type : null,
    more, access.evidence, access.count, access.first, access.last, access.process,
  ]; // prettier-ignore
}

/** @param row with the number of the row in front */
export function fromColumns(row: readonly [number, ...ReadColumns]): Access {
  const [, operation, outcome, program, path, real, type, more, evidence, count, first, last, process] = row;
  const object =
    path === null ? (JSON.parse(more!) as { object: AccessObject }).object : pathObject(path, real, type, more);
  return {
    operation: operation as Operation,
    object,
    outcome,
    evidence,
    program: fromText(program),
    count,
    first,
    last,
    process,
  };
}

const NO_LINKS: readonly string[] = [];

function pathObject(path: Text, real: Text, type: string | null, more: string | null): PathObject {
  const links = more === null ? NO_LINKS : (JSON.parse(more) as { links: string[] }).links;
  const object = { kind: 'path', path: fromText(path), links, type: (type ?? 'unknown') as FileType } as const;
  return real === null ? object : { ...object, real: fromText(real) };
}

function toText(text: string): Text {
  return text.isWellFormed() ? text : Buffer.from(bytesOfText(text));
}

function fromText(value: Text): string {
  return typeof value === 'string' ? value : value === null ? '' : textOfBytes(value);
}
