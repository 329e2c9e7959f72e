import { WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { createSteps } from '../../launcher/steps.ts';

/** Keeps what is written, as a stream that is a terminal or none. */
function stream(isTTY: boolean): { out: WriteStream; text(): string } {
  let written = '';
  const out: WriteStream = Object.create(WriteStream.prototype, {
    isTTY: { value: isTTY },
    write: {
      value(chunk: string) {
        written += chunk;
        return true;
      },
    },
  });
  return { out, text: () => written };
}

test.each([
  ['a terminal', true, true, true],
  ['a terminal whose owner wants none', true, false, false],
  ['a pipe, also in CI', false, true, false],
])('steps on %s', async (_, isTTY, wantsColor, isColoured) => {
  const { out, text } = stream(isTTY);
  const steps = createSteps(out, () => 0, wantsColor);
  await steps.run('a step', async () => undefined);
  expect(text()).toContain('a step');
  expect(text().includes('\x1b[32m')).toBe(isColoured);
});
