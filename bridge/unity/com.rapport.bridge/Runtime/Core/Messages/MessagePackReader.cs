using System;

namespace Rapport
{
    /// <summary>Reads MessagePack from a part of an array, and trusts nothing that it says.</summary>
    /// <remarks>
    /// The first fault stays: from then on every reading gives a default value, so that a decoder
    /// needs to look at <see cref="Fault"/> only once, at its end. Nothing is allocated but texts
    /// that the words do not know, and no length is believed that the bytes do not carry.
    /// </remarks>
    internal partial struct MessagePackReader
    {
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
    }
}
