import { spawn } from 'node:child_process';
import { Trouble } from './trouble.ts';

type ProgramOptions = { input?: string; env?: NodeJS.ProcessEnv; cwd?: string };

/** Runs a program and answers what it wrote. Rejects with a Trouble that names it and ends with its last words. */
export function runProgram(program: string, args: string[], options: ProgramOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk;
    });
    // one that ends without reading is told by its exit code
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => reject(new Trouble(`${program} cannot be run: ${cause.message}`, { cause })));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Trouble(`${program} ended with ${code}: ${complaint.trim().split('\n').slice(-5).join('\n')}`));
    });
    child.stdin.end(options.input);
  });
}
