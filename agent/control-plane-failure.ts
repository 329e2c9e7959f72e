/**
 * Why the control plane did not do what was asked. `unreachable` also means an answer that is none of its own;
 * `not-recognized`: it does not know this host or its key, as one that lost its database would say, so what runs goes
 * on. The kinds of `haltKinds` end the agent: going on would act for a control plane that does not want it.
 */
export type FailureKind =
  | 'unreachable'
  | 'refused'
  | 'clock-skew'
  | 'sequence-conflict'
  | 'not-recognized'
  | 'revoked'
  | 'version-unsupported'
  | 'key-in-use';

const haltKinds = ['revoked', 'version-unsupported', 'key-in-use'] as const;
export type HaltKind = (typeof haltKinds)[number];

/** A control plane that did not answer, or refused; what the agent does about it goes by `kind`. */
export class ControlPlaneFailure extends Error {
  override name = 'ControlPlaneFailure';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The kind that ends the agent, if this failure is one. */
export function haltKind(error: unknown): HaltKind | null {
  if (!(error instanceof ControlPlaneFailure)) return null;
  return haltKinds.find((kind) => kind === error.kind) ?? null;
}
