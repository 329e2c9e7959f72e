import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nullWhenAbsent } from '../../absence.ts';
import { RuntimeFailure } from '../../runtime-failure.ts';
import type { EdgeSettings } from '../../settings.ts';
import { writeWhole } from '../../write-whole.ts';
import { withFiles } from './file-failure.ts';
import { hashOf } from './file-state.ts';
import type { HostPaths } from './paths.ts';

/** A certificate as the edge finds it in its container; `version` differs when its content does. */
export type CertificateCopy = { certificate: string; key: string; version: string };

/** Puts the operator's certificate where the edge can read it; null where the settings name none. */
export async function copyCertificate(paths: HostPaths, edge: EdgeSettings): Promise<CertificateCopy | null> {
  if (edge.kind !== 'names' || edge.certificates?.kind !== 'files') return null;
  const { certificate, key } = edge.certificates;
  return withFiles("Reading the operator's certificate", async () => {
    const [certificateText, keyText] = [await readPart(certificate), await readPart(key)];
    const version = hashOf(`${certificateText}\n${keyText}`).slice(0, 16);
    const directory = join(paths.edge, 'operator');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [name, text] of [
      ['certificate.pem', certificateText],
      ['key.pem', keyText],
    ] as const) {
      const path = join(directory, name);
      if ((await nullWhenAbsent(readFile(path, 'utf8'))) !== text) await writeWhole(path, text, 0o600);
    }
    return { certificate: '/edge/operator/certificate.pem', key: '/edge/operator/key.pem', version };
  });
}

async function readPart(path: string): Promise<string> {
  const text = await nullWhenAbsent(readFile(path, 'utf8'));
  if (text === null) throw new RuntimeFailure(`The certificate file ${path} of the settings is missing`);
  return text;
}
