import { FIXED_BYTES, makeRoom, writeInt32 } from './bytes.ts';
import { refuse, type WriteValue } from './value.ts';

const HEADER_BYTES = 12;
const DIMENSION_BYTES = 8;

/** A list of values without nulls: dimensions, no nulls, the elements' type, and of the one dimension how many and the first one's number. */
export const arrayOf = (oid: number, write: WriteValue): WriteValue => {
  return (out, value) => {
    if (!Array.isArray(value)) return refuse(value, 'array');
    makeRoom(out, 4 + HEADER_BYTES + DIMENSION_BYTES);
    const begin = out.size;
    out.size += 4;
    writeInt32(out, value.length === 0 ? 0 : 1);
    writeInt32(out, 0);
    writeInt32(out, oid);
    if (value.length > 0) {
      writeInt32(out, value.length);
      writeInt32(out, 1);
    }
    for (const element of value) {
      makeRoom(out, FIXED_BYTES);
      write(out, element);
    }
    out.view.setInt32(begin, out.size - begin - 4);
  };
};
