import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { render } from '../../../agent/stack/render.ts';
import type { LiveSpec } from '../../../schema/stack-spec.ts';
import { runningSpec } from '../../support/specs.ts';
import { stackHost } from './stack-fixture.ts';

const host = stackHost();
const plain = runningSpec('a', { profile: 'full' });

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n    privileged: true\n',
        '\nservices:\n  db:\n    volumes: ["/:/host"]\n',
        `\${POSTGRES_PASSWORD}`,
        '$(reboot)',
        '`reboot`',
        "'; drop role postgres; --",
        '$do$',
        '\\gexec',
        '../../../etc/passwd',
        '"',
        "'",
        '\\',
        '#',
        '%',
        '*anchor',
        '!!js',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => !/\p{Cc}/u.test(text)),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('what users and the control plane may write into a spec', () => {
  it('never reaches compose.yaml or a script: these are the same whatever it is', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 12, maxLength: 12 }), (texts) => {
        const expected = frozen(plain);
        expect(frozen(filled(texts))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves no value half-closed: each line of .env is one whole assignment', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 12, maxLength: 12 }), (texts) => {
        const env = render(filled(texts), host).files.find(({ path }) => path === '.env');
        const lines = (env?.content ?? '').trimEnd().split('\n').slice(1);
        for (const line of lines) expect(line).toMatch(/^[A-Z][A-Z0-9_]*=('[^'\\\n]*'|"(?:[^"\\$\n]|\\["\\$nrt])*")$/);
      }),
      { numRuns: 60 },
    );
  });
});

function filled(texts: string[]): LiveSpec {
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = '', i = '', j = '', k = '', l = ''] = texts;
  const { secrets } = plain;
  return {
    ...plain,
    rest: { ...plain.rest, schemas: [a, b], extraSearchPath: [c] },
    secrets: {
      ...secrets,
      dbPassword: d,
      jwtSecret: e.padEnd(32, '.'),
      anonKey: f,
      serviceRoleKey: g,
      apiKeys: [{ name: h, type: 'secret', key: i }],
      signingKey: { ...secrets.signingKey, d: j, kid: k },
      services: { ...secrets.services, secretKeyBase: l.padEnd(64, '.') },
    },
  };
}

/** All but `.env`, without what says that a value is another one: hashes of services, and the password's verifier. */
function frozen(spec: LiveSpec): Record<string, unknown> {
  return Object.fromEntries(
    render(spec, host)
      .files.filter(({ path }) => path !== '.env')
      .map(({ path, content }) => [
        path,
        path === 'compose.yaml' ? withoutHashes(parse(content)) : withoutVerifier(content),
      ]),
  );
}

function withoutHashes(compose: unknown): string {
  return JSON.stringify(compose).replaceAll(/"dev\.supafleet\.hash":"[0-9a-f]{64}"/g, '');
}

function withoutVerifier(text: string): string {
  return text.replaceAll(/SCRAM-SHA-256\$4096:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+/g, 'verifier');
}
