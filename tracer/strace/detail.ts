/** What one call did, as an access. Pure. */
import type { AccessDetail, AccessObject, Operation } from '../../src/domain/access.ts';
import { EVIDENCE_AT_MOST } from './evidence.ts';
import type { SyscallLine } from './parse-line.ts';

/** @param text the line of the call, without the data that it carried */
export function detail(operation: Operation, object: AccessObject, call: SyscallLine, text: string): AccessDetail {
  return { operation, object, outcome: call.outcome, evidence: text.slice(0, EVIDENCE_AT_MOST) };
}
