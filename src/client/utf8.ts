type Bytes = Uint8Array<ArrayBuffer>;

interface Runtime {
  readonly TextEncoder?: new () => { encode(text: string): Bytes };
  readonly TextDecoder?: new () => { decode(bytes: Uint8Array): string };
  /** Of every engine (ECMA-262, annex B): between characters up to 0xff and their percent codes. */
  readonly escape: (latin: string) => string;
  readonly unescape: (codes: string) => string;
}

/** Each byte as the character of its number. */
export const latinOf = (bytes: Uint8Array): string => {
  let latin = '';
  // As many arguments as every engine takes.
  for (let at = 0; at < bytes.length; at += 8192) latin += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return latin;
};

/** Text as bytes and back. Not every React Native has the two classes; percent codes are UTF-8, too, in every engine. */
export const utf8Of = ({ TextEncoder, TextDecoder, escape, unescape }: Runtime) => ({
  toUtf8: (text: string): Bytes =>
    TextEncoder === undefined
      ? Uint8Array.from(unescape(encodeURIComponent(text.toWellFormed())), (character) => character.charCodeAt(0))
      : new TextEncoder().encode(text),
  fromUtf8: (bytes: Uint8Array): string =>
    TextDecoder === undefined ? decodeURIComponent(escape(latinOf(bytes))) : new TextDecoder().decode(bytes),
});

export const { toUtf8, fromUtf8 } = utf8Of(globalThis);
