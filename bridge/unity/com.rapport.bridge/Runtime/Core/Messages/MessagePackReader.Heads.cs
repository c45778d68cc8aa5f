using System;

namespace Rapport
{
    /// <content>What the first byte of a value says.</content>
    internal partial struct MessagePackReader
    {
        private enum Kind { None, Nil, Flag, Integer, Unsigned, Number, Text, Bytes, Array, Map, Extension }

        private bool ReadHead(Kind wanted)
        {
            if (!ReadHead())
            {
                return false;
            }
            Require(_kind == wanted, MessageFault.Type);
            return Ok;
        }

        // Reads the first byte of a value, and the number or the size behind it. A size is checked
        // against the bytes that are left, so that nothing is ever allocated by a mere claim.
        private bool ReadHead()
        {
            Require(Left > 0, MessageFault.Truncated);
            if (!Ok)
            {
                return false;
            }
            byte first = _data[_at++];
            if (first <= 0x7f || first >= 0xe0)
            {
                return Head(Kind.Integer, unchecked((sbyte)first));
            }
            if (first <= 0x8f)
            {
                return Head(Kind.Map, first & 0x0f);
            }
            if (first <= 0x9f)
            {
                return Head(Kind.Array, first & 0x0f);
            }
            if (first <= 0xbf)
            {
                return Head(Kind.Text, first & 0x1f);
            }
            switch (first)
            {
                case 0xc0: return Head(Kind.Nil, 0);
                case 0xc2: return Head(Kind.Flag, 0);
                case 0xc3: return Head(Kind.Flag, 1);
                case 0xc4: return Head(Kind.Bytes, Big(1));
                case 0xc5: return Head(Kind.Bytes, Big(2));
                case 0xc6: return Head(Kind.Bytes, Big(4));
                case 0xc7: return Head(Kind.Extension, 1 + Big(1)); // its type is one byte more
                case 0xc8: return Head(Kind.Extension, 1 + Big(2));
                case 0xc9: return Head(Kind.Extension, 1 + Big(4));
                case 0xca: return Float(BitConverter.Int32BitsToSingle(unchecked((int)Big(4))));
                case 0xcb: return Float(BitConverter.Int64BitsToDouble(Big(8)));
                case 0xcc: return Head(Kind.Integer, Big(1));
                case 0xcd: return Head(Kind.Integer, Big(2));
                case 0xce: return Head(Kind.Integer, Big(4));
                case 0xcf:
                    long bits = Big(8);
                    return Head(bits < 0 ? Kind.Unsigned : Kind.Integer, bits);
                case 0xd0: return Head(Kind.Integer, unchecked((sbyte)Big(1)));
                case 0xd1: return Head(Kind.Integer, unchecked((short)Big(2)));
                case 0xd2: return Head(Kind.Integer, unchecked((int)Big(4)));
                case 0xd3: return Head(Kind.Integer, Big(8));
                case 0xd4: return Head(Kind.Extension, 1 + 1);
                case 0xd5: return Head(Kind.Extension, 1 + 2);
                case 0xd6: return Head(Kind.Extension, 1 + 4);
                case 0xd7: return Head(Kind.Extension, 1 + 8);
                case 0xd8: return Head(Kind.Extension, 1 + 16);
                case 0xd9: return Head(Kind.Text, Big(1));
                case 0xda: return Head(Kind.Text, Big(2));
                case 0xdb: return Head(Kind.Text, Big(4));
                case 0xdc: return Head(Kind.Array, Big(2));
                case 0xdd: return Head(Kind.Array, Big(4));
                case 0xde: return Head(Kind.Map, Big(2));
                case 0xdf: return Head(Kind.Map, Big(4));
                default:
                    Fail(MessageFault.Format);
                    return false;
            }
        }

        private bool Head(Kind kind, long bits)
        {
            _kind = kind;
            _bits = bits;
            if (kind >= Kind.Text)
            {
                Require(bits * (kind == Kind.Map ? 2 : 1) <= Left, MessageFault.Truncated);
            }
            return Ok;
        }

        private bool Float(double number)
        {
            _number = number;
            return Head(Kind.Number, 0);
        }

        // The next bytes as one big-endian number.
        private long Big(int bytes)
        {
            Require(Left >= bytes, MessageFault.Truncated);
            if (!Ok)
            {
                return 0;
            }
            long bits = 0;
            for (int i = 0; i < bytes; i++)
            {
                bits = (bits << 8) | _data[_at++];
            }
            return bits;
        }

        private int Pass(int bytes)
        {
            int start = _at;
            _at += bytes;
            return start;
        }
    }
}
