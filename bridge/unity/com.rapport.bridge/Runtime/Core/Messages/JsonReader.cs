using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Rapport
{
    /// <summary>Reads one JSON document, and throws FormatException where it is none.</summary>
    internal sealed class JsonReader
    {
        private const string Escapes = "\"\\/bfnrt", Escaped = "\"\\/\b\f\n\r\t";

        private readonly string _text;
        private int _at;

        public JsonReader(string text)
        {
            _text = text;
        }

        public object ReadDocument()
        {
            object value = ReadValue(Fields.DepthMax);
            if (Next() != '\0')
            {
                throw new FormatException();
            }
            return value;
        }

        // The next character that is no space, and stays to be read; '\0' at the end.
        private char Next()
        {
            while (_at < _text.Length && " \t\r\n".IndexOf(_text[_at]) >= 0)
            {
                _at++;
            }
            return _at < _text.Length ? _text[_at] : '\0';
        }

        private bool Take(char wanted)
        {
            bool found = Next() == wanted;
            _at += found ? 1 : 0;
            return found;
        }

        private void Expect(char wanted)
        {
            if (!Take(wanted))
            {
                throw new FormatException();
            }
        }

        private object ReadValue(int depthMax)
        {
            if (depthMax < 0)
            {
                throw new FormatException();
            }
            switch (Next())
            {
                case '{': return ReadMap(depthMax - 1);
                case '[': return ReadArray(depthMax - 1);
                case '"': return ReadText();
                case 't': return ReadName("true", true);
                case 'f': return ReadName("false", false);
                case 'n': return ReadName("null", null);
                default: return ReadNumber();
            }
        }

        private object ReadMap(int depthMax)
        {
            var map = new Dictionary<string, object>();
            Expect('{');
            if (Take('}'))
            {
                return map;
            }
            do
            {
                Next();
                string name = ReadText();
                Expect(':');
                map[name] = ReadValue(depthMax);
            }
            while (Take(','));
            Expect('}');
            return map;
        }

        private object ReadArray(int depthMax)
        {
            var values = new List<object>();
            Expect('[');
            if (Take(']'))
            {
                return values;
            }
            do
            {
                values.Add(ReadValue(depthMax));
            }
            while (Take(','));
            Expect(']');
            return values;
        }

        private object ReadName(string name, object value)
        {
            if (string.CompareOrdinal(_text, _at, name, 0, name.Length) != 0)
            {
                throw new FormatException();
            }
            _at += name.Length;
            return value;
        }

        private object ReadNumber()
        {
            int start = _at;
            while (_at < _text.Length && "+-0123456789.eE".IndexOf(_text[_at]) >= 0)
            {
                _at++;
            }
            string digits = _text.Substring(start, _at - start);
            if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            {
                return whole;
            }
            if (double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                && !double.IsInfinity(number))
            {
                return number;
            }
            throw new FormatException();
        }

        private string ReadText()
        {
            Expect('"');
            var text = new StringBuilder();
            while (_at < _text.Length && _text[_at] != '"')
            {
                char letter = _text[_at++];
                if (letter < ' ')
                {
                    throw new FormatException();
                }
                text.Append(letter == '\\' ? ReadEscape() : letter);
            }
            _at++;
            if (_at > _text.Length)
            {
                throw new FormatException();
            }
            return text.ToString();
        }

        private char ReadEscape()
        {
            char kind = _at < _text.Length ? _text[_at++] : '\0';
            int place = Escapes.IndexOf(kind);
            if (place >= 0)
            {
                return Escaped[place];
            }
            if (kind == 'u' && _at + 4 <= _text.Length && ushort.TryParse(
                _text.Substring(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            {
                _at += 4;
                return (char)code;
            }
            throw new FormatException();
        }
    }
}
