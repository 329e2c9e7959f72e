/** What is used of the runtime's own sockets. */
declare module 'cloudflare:sockets' {
  export type Socket = {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly opened: Promise<unknown>;
    close(): Promise<void>;
    /** the same connection, from now on under TLS; both streams of this one must not be locked */
    startTls(): Socket;
  };
  export function connect(
    address: { hostname: string; port: number },
    options: { secureTransport: 'off' | 'on' | 'starttls'; allowHalfOpen: boolean },
  ): Socket;
}
