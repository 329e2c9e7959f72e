import { Secret, TOTP } from 'otpauth';
import type { Random } from '../../deps.ts';

const periodSeconds = 30;
/** what every authenticator app can do */
const parameters = { algorithm: 'SHA1', digits: 6, period: periodSeconds } as const;
/** steps before and after the present one: phones' clocks are not exact */
const window = 1;

/** A new secret (160 bits, base32) and the address by which an authenticator app takes it. */
export function newTotp(random: Random, names: { issuer: string; label: string }): { secret: string; uri: string } {
  const secret = new Secret({ buffer: random.bytes(20).buffer });
  return { secret: secret.base32, uri: new TOTP({ ...parameters, ...names, secret }).toString() };
}

/** The time step whose code this is; null: it is none of the present ones. Compared in constant time. */
export function matchingStep(secret: string, code: string, nowMs: number): number | null {
  // the library compares bytes and breaks at digits that have more than one
  if (!/^[0-9]{6}$/.test(code)) return null;
  const totp = new TOTP({ ...parameters, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: nowMs, window });
  return delta === null ? null : Math.floor(nowMs / 1000 / periodSeconds) + delta;
}
