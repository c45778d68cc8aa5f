using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;

namespace Rapport
{
    /// <summary>Writes one message; made for requests, which are few and small.</summary>
    internal sealed class MessagePackWriter
    {
        private byte[] _data = new byte[256];

        public int Length { get; private set; }

        public byte[] ToArray()
        {
            var message = new byte[Length];
            Buffer.BlockCopy(_data, 0, message, 0, Length);
            return message;
        }

        public void WriteMap(int keys)
        {
            Head(keys, 0x80, 15, 0xde, 0xdf);
        }

        /// <summary>
        /// Writes null, bool, any integer, float, double, decimal, string, a dictionary with text
        /// keys, or an enumerable.
        /// </summary>
        /// <exception cref="ArgumentException">It is none of these, a number that is not finite, a
        /// text that is no Unicode, or lies deeper than <paramref name="depthMax"/>.</exception>
        public void Write(object value, int depthMax = Fields.DepthMax)
        {
            if (depthMax < 0)
            {
                throw new ArgumentException("values lie too deep in each other");
            }
            if (value == null)
            {
                Byte(0xc0);
            }
            else if (value is bool flag)
            {
                Byte(flag ? 0xc3 : 0xc2);
            }
            else if (value is string text)
            {
                WriteText(text);
            }
            else if (value is double || value is float || value is decimal)
            {
                WriteNumber(Convert.ToDouble(value, CultureInfo.InvariantCulture));
            }
            else if (value is IDictionary<string, object> map)
            {
                WriteMap(map.Count);
                foreach (KeyValuePair<string, object> field in map)
                {
                    WriteText(field.Key);
                    Write(field.Value, depthMax - 1);
                }
            }
            else if (value is IConvertible number && !(value is char) && !(value is DateTime))
            {
                WriteInteger(Convert.ToInt64(number, CultureInfo.InvariantCulture));
            }
            else if (value is ICollection values)
            {
                Head(values.Count, 0x90, 15, 0xdc, 0xdd);
                foreach (object part in values)
                {
                    Write(part, depthMax - 1);
                }
            }
            else
            {
                throw new ArgumentException("no value that a message can hold: " + value.GetType().Name);
            }
        }

        public void WriteText(string text)
        {
            byte[] bytes = Words.Utf8.GetBytes(text); // throws ArgumentException for half a character
            if (bytes.Length > 31 && bytes.Length <= 0xff)
            {
                Byte(0xd9);
                Byte(bytes.Length);
            }
            else
            {
                Head(bytes.Length, 0xa0, 31, 0xda, 0xdb);
            }
            Reserve(bytes.Length);
            Buffer.BlockCopy(bytes, 0, _data, Length, bytes.Length);
            Length += bytes.Length;
        }

        public void WriteInteger(long number)
        {
            if (-32 <= number && number <= 127)
            {
                Byte((int)(number & 0xff));
                return;
            }
            Byte(0xd3);
            Big(number, 8);
        }

        private void WriteNumber(double number)
        {
            if (double.IsNaN(number) || double.IsInfinity(number))
            {
                throw new ArgumentException("a number that is not finite");
            }
            Byte(0xcb);
            Big(BitConverter.DoubleToInt64Bits(number), 8);
        }

        // The first byte of something with a size: `few` with the size in it up to `fewMax`, else
        // one of the long formats.
        private void Head(int size, int few, int fewMax, int with16Bits, int with32Bits)
        {
            if (size <= fewMax)
            {
                Byte(few | size);
                return;
            }
            bool is16Bits = size <= 0xffff;
            Byte(is16Bits ? with16Bits : with32Bits);
            Big(size, is16Bits ? 2 : 4);
        }

        private void Byte(int value)
        {
            Reserve(1);
            _data[Length++] = (byte)value;
        }

        private void Big(long bits, int bytes)
        {
            Reserve(bytes);
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            {
                _data[Length++] = unchecked((byte)(bits >> shift));
            }
        }

        private void Reserve(int bytes)
        {
            if (Length + bytes > _data.Length)
            {
                Array.Resize(ref _data, Math.Max(2 * _data.Length, Length + bytes));
            }
        }
    }
}
