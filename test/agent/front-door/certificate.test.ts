import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOrCreateCertificate } from '../../../agent/front-door/certificate.ts';

const start = Date.UTC(2026, 10, 21);
const day = 86_400_000;
const names = ['*.db.localhost', 'localhost', '127.0.0.1'];
let directory: string;
const load = (at = start, wanted = names) => loadOrCreateCertificate(directory, wanted, { now: () => at });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'supafleet-certificate-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the certificate of the front door', () => {
  it('holds for its names and is signed by its own key', async () => {
    const { key, cert } = await load();
    const certificate = new X509Certificate(cert);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost('abc.db.localhost')).toBe('*.db.localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.ca).toBe(false);
    expect(Date.parse(certificate.validFrom)).toBe(start - day);
    expect(Date.parse(certificate.validTo)).toBe(start + 730 * day);
  });

  it('stays the same from start to start, so that a client may pin it', async () => {
    const first = await load();
    expect(await load(start + 600 * day)).toEqual(first);
  });

  it('is made anew before it ends, for other names, and when its file is damaged', async () => {
    const first = await load();
    const renewed = await load(start + 701 * day);
    expect(renewed).not.toEqual(first);
    const renamed = await load(start + 701 * day, ['localhost']);
    expect(renamed).not.toEqual(renewed);
    const path = join(directory, 'front-door.pem');
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, -80));
    expect(await load(start + 701 * day, ['localhost'])).not.toEqual(renamed);
  });

  it('is readable by its owner only, also when someone loosened that', async () => {
    await load();
    const path = join(directory, 'front-door.pem');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await load();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
