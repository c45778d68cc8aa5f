using System;

namespace Rapport
{
    /// <summary>Reads MessagePack from a part of an array, and trusts nothing that it says.</summary>
    /// <remarks>
    /// The first fault stays: from then on every reading gives a default value, so that a decoder
    /// needs to look at <see cref="Fault"/> only once, at its end. Nothing is allocated but texts
    /// that the words do not know, and no length is believed that the bytes do not carry.
    /// </remarks>
    internal struct MessagePackReader
    {
        private enum Kind { None, Nil, Flag, Integer, Unsigned, Number, Text, Bytes, Array, Map, Extension }

        private readonly byte[] _data;
        private readonly int _end;
        private readonly Words _words;
        private int _at;

        // What the last head said: the number itself in its bits, or the size of what follows.
        private Kind _kind;
        private long _bits;
        private double _number;

        public MessagePackReader(byte[] data, int start, int length, Words words)
        {
            _data = data;
            _at = start;
            _end = start + length;
            _words = words;
            _kind = Kind.None;
            _bits = 0;
            _number = 0;
            Fault = MessageFault.None;
        }

        public MessageFault Fault { get; private set; }

        public bool Ok => Fault == MessageFault.None;

        public int Position => _at;

        private int Left => _end - _at;

        public void Fail(MessageFault fault)
        {
            if (Ok)
            {
                Fault = fault;
            }
        }

        /// <summary>Refuses the message unless this holds.</summary>
        public void Require(bool holds, MessageFault fault)
        {
            if (!holds)
            {
                Fail(fault);
            }
        }

        /// <summary>Reads past the topic that a frame begins with.</summary>
        public void ReadTopic(byte[] topic)
        {
            Require(Left >= topic.Length, MessageFault.Topic);
            for (int i = 0; i < topic.Length && Ok; i++)
            {
                Require(_data[_at++] == topic[i], MessageFault.Topic);
            }
        }

        /// <summary>Refuses bytes behind the last value.</summary>
        public void Finish()
        {
            Require(_at == _end, MessageFault.Trailing);
        }

        /// <summary>Reads past a nil, if that is what comes.</summary>
        public bool TryReadNil()
        {
            if (!Ok || Left == 0 || _data[_at] != 0xc0)
            {
                return false;
            }
            _at++;
            return true;
        }

        /// <summary>Begins a map: the number of its keys, each followed by a value.</summary>
        public int ReadMap()
        {
            return ReadHead(Kind.Map) ? (int)_bits : 0;
        }

        /// <summary>Begins an array: the number of its values.</summary>
        public int ReadArray()
        {
            return ReadHead(Kind.Array) ? (int)_bits : 0;
        }

        public bool ReadFlag()
        {
            return ReadHead(Kind.Flag) && _bits != 0;
        }

        /// <summary>An integer in any format that fits an int64.</summary>
        public long ReadInteger(long low, long high)
        {
            if (!ReadHead())
            {
                return 0;
            }
            Require(_kind == Kind.Integer || _kind == Kind.Unsigned, MessageFault.Type);
            Require(_kind != Kind.Unsigned && low <= _bits && _bits <= high, MessageFault.Range);
            return Ok ? _bits : 0;
        }

        /// <summary>A finite number in any format. Rounding may take a float a little out of its range.</summary>
        public double ReadNumber(double low, double high)
        {
            const double tolerance = 1e-6;
            if (!ReadHead())
            {
                return 0;
            }
            bool whole = _kind == Kind.Integer || _kind == Kind.Unsigned;
            Require(whole || _kind == Kind.Number, MessageFault.Type);
            double number = _kind == Kind.Integer ? _bits : _kind == Kind.Unsigned ? unchecked((ulong)_bits) : _number;
            double slack = whole ? 0 : tolerance;
            Require(low - slack <= number && number <= high + slack, MessageFault.Range); // NaN is neither
            return Ok ? number : 0;
        }

        /// <summary>A text; a word that was read before is not allocated again.</summary>
        public string ReadWord()
        {
            if (!ReadHead(Kind.Text))
            {
                return "";
            }
            int start = Pass((int)_bits);
            string word = _words.Read(_data, start, (int)_bits);
            Require(word != null, MessageFault.Text);
            return word ?? "";
        }

        /// <summary>A text that is hardly read twice.</summary>
        public string ReadText()
        {
            if (!ReadHead(Kind.Text))
            {
                return "";
            }
            string text = Words.Decode(_data, Pass((int)_bits), (int)_bits);
            Require(text != null, MessageFault.Text);
            return text ?? "";
        }

        /// <summary>Reads past one value and all that lies in it, however deep.</summary>
        public void Skip()
        {
            long left = 1;
            while (left > 0 && ReadHead())
            {
                left--;
                switch (_kind)
                {
                    case Kind.Text:
                    case Kind.Bytes:
                    case Kind.Extension:
                        Pass((int)_bits);
                        break;
                    case Kind.Array:
                        left += _bits;
                        break;
                    case Kind.Map:
                        left += 2 * _bits;
                        break;
                }
                // Every value has a byte at least, so this bounds the work by the message's length.
                Require(left <= Left, MessageFault.Truncated);
            }
        }

        /// <summary>
        /// The next value as null, bool, long, double, string, byte[], List&lt;object&gt; or
        /// Dictionary&lt;string, object&gt;. An integer beyond an int64 becomes a double, an
        /// extension null.
        /// </summary>
        public object ReadValue(int depthMax)
        {
            if (!ReadHead())
            {
                return null;
            }
            switch (_kind)
            {
                case Kind.Flag:
                    return _bits != 0;
                case Kind.Integer:
                    return _bits;
                case Kind.Unsigned:
                    return (double)unchecked((ulong)_bits);
                case Kind.Number:
                    return _number;
                case Kind.Text:
                    string text = Words.Decode(_data, Pass((int)_bits), (int)_bits);
                    Require(text != null, MessageFault.Text);
                    return text;
                case Kind.Bytes:
                    var bytes = new byte[_bits];
                    Buffer.BlockCopy(_data, Pass((int)_bits), bytes, 0, bytes.Length);
                    return bytes;
                case Kind.Array:
                    return Fields.ReadArray(ref this, (int)_bits, depthMax - 1);
                case Kind.Map:
                    return Fields.ReadMap(ref this, (int)_bits, depthMax - 1);
                case Kind.Extension:
                    Pass((int)_bits);
                    return null;
                default:
                    return null;
            }
        }

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
