import type { SupafleetClient } from '../client/index.ts';

/** What a command works with. Made in main.ts only. */
export type Cli = {
  version: string;
  terminal: Terminal;
  clock: Clock;
  /** Signs in nowhere yet: the first call does. Throws a `CommandFailure` when it is not known where or as whom. */
  connect(options: ConnectionOptions): Promise<SupafleetClient>;
  /** Where the control plane is, whoever asks. Throws a `CommandFailure` when nobody says so. */
  address(options: ConnectionOptions): Promise<string>;
  /** As `connect`, by an account's password: for what an access token may not do. */
  signIn(options: SignInOptions): Promise<SupafleetClient>;
  /** Puts a file that only its owner reads in place of what was there, whole or not at all. */
  writePrivate(path: string, text: string): Promise<void>;
  /** Null: there is none. */
  readFile(path: string): Promise<string | null>;
  env: { userPassword: string | undefined; databasePassword: string | undefined };
  /** Calls the listener at the first Ctrl-C from now on, instead of ending; returns how to leave that again. */
  onInterrupt(listener: () => void): () => void;
};

export type ConnectionOptions = {
  url?: string | undefined;
  token?: string | undefined;
  insecureHttp?: boolean | undefined;
};

export type SignInOptions = ConnectionOptions & {
  email?: string | undefined;
  passwordStdin?: boolean | undefined;
  /** of the second factor */
  code?: string | undefined;
};

export type Clock = {
  /** milliseconds since some fixed moment */
  now(): number;
  /** resolves early when the signal is aborted */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
};

export type Colors = Record<'bold' | 'dim' | 'green' | 'yellow' | 'red', (text: string) => string>;

export type Terminal = {
  /** the answer: stdout */
  out(text: string): void;
  /** everything beside the answer: stderr */
  err(text: string): void;
  outColors: Colors;
  errColors: Colors;
  /** stderr can show a line that changes */
  isLive: boolean;
  /** somebody is there to be asked */
  isInteractive: boolean;
  ask(question: string): Promise<string>;
  /** as `ask`, without showing what is typed */
  askSecret(question: string): Promise<string>;
  /** all of stdin */
  readInput(): Promise<string>;
};
