import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** Object identifiers, already encoded. */
const oid = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  subjectAltName: '0603551d11',
  basicConstraints: '0603551d13',
  extendedKeyUsage: '0603551d25',
  serverAuthentication: '06082b06010505070301',
};

/** DER tags. `context` is a tagged field of its structure. */
const tag = { integer: 0x02, bits: 0x03, octets: 0x04, utf8: 0x0c, sequence: 0x30, set: 0x31, utcTime: 0x17 };
const context = (number: number) => 0xa0 + number;

/**
 * Makes a P-256 key and a certificate that it signs for itself, for the given names (DNS or IPv4; the first is the
 * subject). Times in milliseconds, before 2050. The answer is PEM.
 */
export function selfSignedCertificate(
  names: readonly string[],
  validity: { from: number; to: number },
): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = der(tag.sequence, hex(oid.ecdsaWithSha256));
  const subject = distinguishedName(names[0] ?? 'localhost');
  const signed = der(
    tag.sequence,
    der(context(0), der(tag.integer, Buffer.from([2]))),
    der(tag.integer, serialNumber(publicKeyInfo)),
    algorithm,
    subject,
    der(tag.sequence, utcTime(validity.from), utcTime(validity.to)),
    subject,
    publicKeyInfo,
    der(context(3), extensions(names)),
  );
  const signature = der(tag.bits, Buffer.from([0]), sign('sha256', signed, privateKey));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem(der(tag.sequence, signed, algorithm, signature)),
  };
}

function extensions(names: readonly string[]): Buffer {
  const alternatives = names.map((name) =>
    isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name, 'ascii')),
  );
  return der(
    tag.sequence,
    extension(oid.subjectAltName, der(tag.sequence, ...alternatives)),
    extension(oid.basicConstraints, der(tag.sequence)),
    extension(oid.extendedKeyUsage, der(tag.sequence, hex(oid.serverAuthentication))),
  );
}

function extension(id: string, value: Buffer): Buffer {
  return der(tag.sequence, hex(id), der(tag.octets, value));
}

function distinguishedName(commonName: string): Buffer {
  const attribute = der(tag.sequence, hex(oid.commonName), der(tag.utf8, Buffer.from(commonName.slice(0, 64))));
  return der(tag.sequence, der(tag.set, attribute));
}

/** Unique because the key is; the first byte keeps it positive and without a leading zero. */
function serialNumber(publicKeyInfo: Buffer): Buffer {
  const serial = createHash('sha256').update(publicKeyInfo).digest().subarray(0, 16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

function utcTime(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '');
  return der(tag.utcTime, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function der(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
