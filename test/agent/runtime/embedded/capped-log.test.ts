import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCappedLog } from '../../../../agent/runtime/embedded/capped-log.ts';
import { startChild } from '../../../../agent/runtime/embedded/child.ts';
import { toFile } from '../../../../agent/runtime/embedded/child-output.ts';
import { recordingLog } from './support.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sf-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('a capped log', () => {
  it('never takes more than twice its limit, keeps the newest lines, and shows them to its owner alone', () => {
    const path = join(directory, 'x.log');
    const log = openCappedLog(path, recordingLog(), 100);
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
      const log = openCappedLog(path, recordingLog(), 100);
      log.write(Buffer.from(word));
      log.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('cuts a piece larger than itself', () => {
    const path = join(directory, 'x.log');
    const log = openCappedLog(path, recordingLog(), 100);
    log.write(Buffer.alloc(1000, 'x'));
    log.close();
    expect(statSync(path).size).toBe(100);
  });
});

describe('a log on a full disk', () => {
  it('drops what comes, never throws, and says so once', () => {
    const told = recordingLog();
    const log = openCappedLog('/dev/full', told, 100);
    for (let line = 0; line < 5; line += 1) log.write(Buffer.from('x\n'));
    log.close();
    expect(told.lines).toMatchObject([
      { level: 'warn', message: 'a log file cannot be written; what comes is dropped' },
      { level: 'info', message: 'a log file lacks what could not be written', fields: { lostPieces: 5 } },
    ]);
    expect(told.lines[0]?.fields.error).toContain('ENOSPC');
  });

  it('is written again once it can be, and says how much is missing', () => {
    const path = join(directory, 'x.log');
    const told = recordingLog();
    mkdirSync(path);
    const log = openCappedLog(path, told, 100);
    log.write(Buffer.from('lost\n'));
    rmdirSync(path);
    log.write(Buffer.from('kept\n'));
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('kept\n');
    expect(told.lines.at(-1)).toMatchObject({ level: 'info', fields: { path, lostPieces: 2 } });
  });

  it('ends neither the child that fills it nor the agent that reads it', async () => {
    const told = recordingLog();
    const child = await startChild({
      root: directory,
      ref: null,
      service: 'template',
      command: process.execPath,
      arguments: ['-e', 'for (let i = 0; i < 1000; i += 1) console.log("x".repeat(1000)); process.exitCode = 7'],
      environment: {},
      identity: null,
      workingDirectory: '/',
      output: toFile('/dev/full', told),
    });
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(told.lines[0]?.level).toBe('warn');
    expect(told.lines.length).toBeLessThan(3);
  });
});
