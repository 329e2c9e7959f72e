import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenAbsent } from '../absence.ts';
import { writeWhole } from '../write-whole.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

const day = 86_400_000;
const validityMs = 730 * day;
const renewBeforeMs = 30 * day;
const fileName = 'front-door.pem';

/**
 * The front door's key and self-signed certificate, PEM, kept in one file (0600) of `directory`, which must exist. Made
 * anew when there is none, when it is for other names, damaged, or within 30 days of its end.
 */
export async function loadOrCreateCertificate(
  directory: string,
  names: readonly string[],
  deps: { now(): number },
): Promise<{ key: string; cert: string }> {
  const path = join(directory, fileName);
  const kept = usable((await nullWhenAbsent(readFile(path, 'utf8'))) ?? '', names, deps.now());
  if (kept !== null) {
    await chmod(path, 0o600);
    return kept;
  }
  const now = deps.now();
  const made = selfSignedCertificate(names, { from: now - day, to: now + validityMs });
  // One file, there whole or not at all: a key never stands beside the certificate of another one.
  await writeWhole(path, `${made.key}${made.cert}`, 0o600);
  return made;
}

function usable(text: string, names: readonly string[], now: number): { key: string; cert: string } | null {
  const start = text.indexOf('-----BEGIN CERTIFICATE-----');
  if (start === -1) return null;
  const key = text.slice(0, start);
  const cert = text.slice(start);
  try {
    const certificate = new X509Certificate(cert);
    const isOurs = certificate.checkPrivateKey(createPrivateKey(key));
    const isFresh = Date.parse(certificate.validTo) - renewBeforeMs > now;
    return isOurs && isFresh && sameNames(certificate, names) ? { key, cert } : null;
  } catch {
    // A damaged file is replaced: nothing else depends on this key.
    return null;
  }
}

function sameNames(certificate: X509Certificate, names: readonly string[]): boolean {
  const kept = (certificate.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  return kept.length === names.length && names.every((name) => kept.includes(name));
}
