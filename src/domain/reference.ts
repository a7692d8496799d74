/** Names a policy file together with the digest of what was read from it. */
export interface PolicyFileReference {
  readonly file: string;
  readonly name: string;
  /** sha256 of the canonical document, hex. */
  readonly digest: string;
}
