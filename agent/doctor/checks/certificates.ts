import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Check, failed, ok, type Verdict, warning } from '../check.ts';

const dayMs = 86_400_000;

/** The operator's certificate is for the projects' names, and will be for a while. */
export const certificatesCheck: Check = {
  name: 'certificates',
  async run({ subject, now }) {
    const { edge } = subject.settings;
    if (edge.kind === 'ports') return ok('none: projects are served on ports');
    if (edge.certificates === null) return ok('none: something before this host ends TLS');
    if (edge.certificates.kind === 'internal') return ok("the edge's own CA");
    if (edge.certificates.kind === 'acme') return ok(`issued automatically for ${edge.certificates.email}`);
    const { certificate, key } = edge.certificates;
    const [chain, secret] = await Promise.all([readPem(certificate), readPem(key)]);
    if (chain === null) return failed(`${certificate} cannot be read`, readable);
    if (secret === null) return failed(`${key} cannot be read`, readable);
    return certificateVerdict({ certificate: chain, key: secret }, { projectHost: subject.projectHost, now: now() });
  },
};

const readable = 'Put the PEM files there, readable for the user the agent runs as (--tls files:CERT,KEY).';

/** PEM texts; nothing of the key shows. */
export function certificateVerdict(
  pem: { certificate: string; key: string },
  { projectHost, now }: { projectHost: string; now: number },
): Verdict {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(pem.key))) {
      return failed('The key is not the one of the certificate', readable);
    }
  } catch {
    return failed('The two files are not a certificate and its unencrypted key in PEM form', readable);
  }
  const left = Math.floor((Date.parse(certificate.validTo) - now) / dayMs);
  if (left < 0) return failed(`The certificate ended on ${certificate.validTo}`, 'Renew it.');
  if (certificate.checkHost(`project.${projectHost}`) === undefined) {
    return failed(`The certificate is not for *.${projectHost}`, `It must name *.${projectHost}.`);
  }
  if (left < 14)
    return warning(`The certificate ends in ${left} days`, 'Renew it; the agent takes the new one at its next start.');
  return ok(`*.${projectHost}, for ${left} days`);
}

async function readPem(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // whatever the reason is, what to do is the same
    return null;
  }
}
