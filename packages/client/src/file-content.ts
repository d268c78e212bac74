/** A file's content: its bytes, whole or as they come (a Node stream, a web stream, `openAsBlob`), or Base64 of them as text. */
export type FileContent = string | Uint8Array | ArrayBuffer | Blob | AsyncIterable<Uint8Array>;

/** The content as Base64. A stream is read to its end first; it is let go, and the signal's reason thrown, with the first piece after an abort. */
export async function base64Of(content: FileContent, signal: AbortSignal | undefined): Promise<string> {
  if (typeof content === 'string') return content;
  if (content instanceof Uint8Array) return encoded(content);
  if (content instanceof ArrayBuffer) return encoded(new Uint8Array(content));
  if (content instanceof Blob) return encoded(new Uint8Array(await content.arrayBuffer()));
  const pieces: Uint8Array[] = [];
  for await (const piece of content) {
    signal?.throwIfAborted();
    pieces.push(piece);
  }
  return encoded(joined(pieces));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** `btoa` wants characters, and functions take only so many arguments. */
function encoded(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(''));
}
