import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCappedLog } from '../../../../agent/runtime/embedded/capped-log.ts';
import { withoutLines } from '../../../../agent/runtime/embedded/line-filter.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sf-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a capped log', () => {
  it('never takes more than twice its limit, keeps the newest lines, and shows them to its owner alone', () => {
    const path = join(directory, 'x.log');
    const log = openCappedLog(path, 100);
    for (let line = 0; line < 50; line += 1) log.write(Buffer.from(`line ${line} ${'.'.repeat(20)}\n`));
    log.close();
    log.write(Buffer.from('too late'));
    expect(readdirSync(directory).sort()).toEqual(['x.log', 'x.log.1']);
    for (const name of readdirSync(directory)) {
      expect(statSync(join(directory, name)).size).toBeLessThanOrEqual(100);
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(path, 'utf8')).toContain('line 49');
  });

  it('goes on where an earlier run ended', () => {
    const path = join(directory, 'x.log');
    for (const word of ['one\n', 'two\n']) {
      const log = openCappedLog(path, 100);
      log.write(Buffer.from(word));
      log.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('cuts a piece larger than itself', () => {
    const path = join(directory, 'x.log');
    const log = openCappedLog(path, 100);
    log.write(Buffer.alloc(1000, 'x'));
    log.close();
    expect(statSync(path).size).toBe(100);
  });
});

describe('a line filter', () => {
  it.each([
    { name: 'keeps other lines as they are', chunks: ['a\nb\n'], kept: 'a\nb\n' },
    { name: 'drops unwanted lines', chunks: ['a\nno here\nb\n'], kept: 'a\nb\n' },
    { name: 'drops one that comes in pieces', chunks: ['a\nn', 'o here\nb', '\n'], kept: 'a\nb\n' },
    { name: 'drops all when all are unwanted', chunks: ['no\nno\n'], kept: '' },
    { name: 'holds back a line without its end', chunks: ['a\nb'], kept: 'a\n' },
  ])('$name', ({ chunks, kept }) => {
    let text = '';
    const filter = withoutLines('no', (chunk) => {
      text += Buffer.from(chunk).toString();
    });
    for (const chunk of chunks) filter(Buffer.from(chunk));
    expect(text).toBe(kept);
  });

  it('does not wait for ever for the end of a line', () => {
    let length = 0;
    const filter = withoutLines('no', (chunk) => {
      length += chunk.byteLength;
    });
    filter(Buffer.alloc(100_000, 'x'));
    expect(length).toBe(100_001);
  });
});
