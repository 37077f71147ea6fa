/** The message, a one bit, zeros, and its length in bits as the last eight bytes of the last block. */
export const padded = (message: Uint8Array, blockBytes: 64 | 128): DataView<ArrayBuffer> => {
  const lengthBytes = blockBytes / 8;
  const blocks = Math.ceil((message.length + 1 + lengthBytes) / blockBytes);
  const bytes = new Uint8Array(blocks * blockBytes);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.length - 8, BigInt(message.length) * 8n);
  return view;
};
