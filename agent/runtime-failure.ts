/** A step on the host that did not work. The message is for users: what failed and what to do, never a secret. */
export class RuntimeFailure extends Error {
  override name = 'RuntimeFailure';
}
