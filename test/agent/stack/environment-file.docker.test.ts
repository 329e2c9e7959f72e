import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { environmentFile } from '../../../agent/stack/environment-file.ts';
import { composeConfig, composeMissing } from './compose-config.ts';

const hostile = [
  '$',
  '$$',
  `\${HOME}`,
  `\${V0}`,
  `\${V0:-x}`,
  '$(id)',
  '`id`',
  '"',
  "'",
  '\\',
  '\\\\',
  '\\n',
  '\\$',
  '#',
  ' # ',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '=',
  'export A=b',
  '\nprivileged: true\n',
  '}',
  '{',
  'é',
  '🙂',
];

const value = fc
  .array(
    fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...hostile) }, fc.string({ unit: 'grapheme', maxLength: 4 })),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused, as another test says
  .filter((text) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text));

describe.skipIf(composeMissing() !== null)('values on their way through Docker Compose', () => {
  it('reach a container byte for byte, whatever is in them', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 40, maxLength: 60 }), (values) => {
        expect(throughCompose(values)).toEqual(values);
      }),
      { numRuns: 8 },
    );
  });

  it('keep each hostile text as it is, alone and between blanks', () => {
    const values = ['', ...hostile, ...hostile.map((part) => ` ${part}x${part} `), 'last'];
    expect(throughCompose(values)).toEqual(values);
  });
});

function throughCompose(values: string[]): (string | null | undefined)[] {
  const named = Object.fromEntries(values.map((text, index) => [`V${index}`, text]));
  const environment = Object.fromEntries(values.map((_text, index) => [`V${index}`, `\${V${index}}`]));
  const config = composeConfig([
    { path: 'compose.yaml', content: stringify({ services: { one: { image: 'none', environment } } }), mode: 0o600 },
    { path: '.env', content: environmentFile(named, 'test'), mode: 0o600 },
  ]);
  const shown = config.services.one?.environment ?? {};
  // `config` writes a file that Compose can read again, so it doubles every dollar sign
  return values.map((_text, index) => shown[`V${index}`]?.replaceAll('$$', '$'));
}
