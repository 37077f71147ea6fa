/** Bytes that grow as values are written behind each other. */
export interface Growing {
  bytes: Buffer;
  /** Over the same bytes: four at a time take a third of the time. */
  view: DataView;
  size: number;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength);

export const growing = (bytes: Buffer): Growing => ({ bytes, view: viewOf(bytes), size: 0 });

/** What a value of fixed size takes at most. */
export const FIXED_BYTES = 4 + 16;

/** Makes room for so many bytes more. */
export const makeRoom = (out: Growing, bytes: number): void => {
  if (out.size + bytes <= out.bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(out.bytes.length * 2, out.size + bytes));
  out.bytes.copy(larger, 0, 0, out.size);
  out.bytes = larger;
  out.view = viewOf(larger);
};

export const writeInt16 = (out: Growing, value: number): void => {
  out.view.setInt16(out.size, value);
  out.size += 2;
};

export const writeInt32 = (out: Growing, value: number): void => {
  out.view.setInt32(out.size, value);
  out.size += 4;
};

export const HIGH = 2 ** 32;
export const writeInt64 = (out: Growing, value: number): void => {
  writeInt32(out, Math.floor(value / HIGH));
  writeInt32(out, value | 0);
};
