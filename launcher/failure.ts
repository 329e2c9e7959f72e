/** Something the person starting can put right: shown as it is, without a stack, exit 1. */
export class StartFailure extends Error {
  override name = 'StartFailure';
}
