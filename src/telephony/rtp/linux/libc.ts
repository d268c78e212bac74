import { getSystemErrorName } from 'node:util';

/**
 * The functions of the C library that sockets need, by their C names and with their meaning there. Memory is given as an address ({@link Libc.addressOf}); whoever gives one
 * keeps the memory alive. -1 is a failure, which {@link Libc.errno} names.
 */
export type Libc = {
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: number, length: number) => number;
  readonly connect: (fd: number, address: number, length: number) => number;
  readonly dup3: (from: number, to: number, flags: number) => number;
  readonly close: (fd: number) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: number, length: number) => number;
  readonly send: (fd: number, data: number, length: number, flags: number) => number;
  readonly sendto: (
    fd: number,
    data: number,
    length: number,
    flags: number,
    address: number,
    addressLength: number,
  ) => number;
  readonly recvmmsg: (fd: number, messages: number, count: number, flags: number, timeout: number) => number;
  readonly clock_gettime: (clock: number, time: number) => number;
  readonly inet_pton: (family: number, text: string, into: number) => number;
  readonly inet_ntop: (family: number, address: number, into: number, length: number) => number;
  /** Where the memory begins, and stays for as long as it is referred to. */
  readonly addressOf: (memory: ArrayBuffer | Uint8Array) => number;
  /** The error number of the latest failure. */
  readonly errno: () => number;
};

/** The C library, or why there is none. */
export type LibcOrReason = { readonly libc: Libc } | { readonly libc: null; readonly reason: string };

/** Where the layouts and numbers of this folder hold: 64-bit little-endian Linux, with glibc or musl. */
const architectures: readonly string[] = ['x64', 'arm64'];

/** Opens the C library that Node itself runs on. */
export async function loadLibc(): Promise<LibcOrReason> {
  const { platform, arch } = process;
  if (platform !== 'linux' || !architectures.includes(arch)) {
    return { libc: null, reason: `not written for ${platform} on ${arch}` };
  }
  try {
    // An optional dependency: where it has no build, the package manager leaves it out.
    const { default: koffi } = await import('koffi');
    return { libc: declare(koffi) };
  } catch (error) {
    return { libc: null, reason: `koffi cannot be loaded: ${error instanceof Error ? error.message : String(error)}` };
  }
}

type Koffi = Pick<typeof import('koffi'), 'load' | 'address' | 'errno'>;

function declare(koffi: Koffi): Libc {
  const library = koffi.load(null);
  // An address as a plain number is the cheapest argument: a Buffer would have to be looked into with every call.
  const address = 'uintptr_t';
  return {
    socket: library.func('socket', 'int', ['int', 'int', 'int']),
    bind: library.func('bind', 'int', ['int', address, 'int']),
    connect: library.func('connect', 'int', ['int', address, 'int']),
    dup3: library.func('dup3', 'int', ['int', 'int', 'int']),
    close: library.func('close', 'int', ['int']),
    setsockopt: library.func('setsockopt', 'int', ['int', 'int', 'int', address, 'int']),
    send: library.func('send', 'long', ['int', address, 'size_t', 'int']),
    sendto: library.func('sendto', 'long', ['int', address, 'size_t', 'int', address, 'int']),
    recvmmsg: library.func('recvmmsg', 'int', ['int', address, 'int', 'int', address]),
    clock_gettime: library.func('clock_gettime', 'int', ['int', address]),
    inet_pton: library.func('inet_pton', 'int', ['int', 'str', address]),
    inet_ntop: library.func('inet_ntop', 'size_t', ['int', address, address, 'int']),
    addressOf: (memory) => Number(koffi.address(memory)),
    errno: () => koffi.errno(),
  };
}

/** A failure of the system as Node makes them: `code` and `syscall`. */
export function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: -errno, syscall });
}
