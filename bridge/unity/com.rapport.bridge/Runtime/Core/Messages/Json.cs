using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Rapport
{
    /// <summary>Reads JSON into null, bool, long, double, string, List and Dictionary, and writes it.</summary>
    public static class Json
    {
        /// <summary>Reads one value that fills the text; null with false if it is no JSON.</summary>
        public static bool TryRead(string text, out object value)
        {
            var reader = new JsonReader(text);
            try
            {
                value = reader.ReadDocument();
                return true;
            }
            catch (FormatException)
            {
                value = null;
                return false;
            }
        }

        /// <summary>Writes what <see cref="TryRead"/> gives, any numbers, dictionaries and collections.</summary>
        /// <exception cref="ArgumentException">A value that JSON cannot hold.</exception>
        public static string Write(object value)
        {
            var text = new StringBuilder();
            Write(text, value, Fields.DepthMax);
            return text.ToString();
        }

        private static void Write(StringBuilder text, object value, int depthMax)
        {
            if (depthMax < 0)
            {
                throw new ArgumentException("values lie too deep in each other");
            }
            if (value == null)
            {
                text.Append("null");
            }
            else if (value is bool flag)
            {
                text.Append(flag ? "true" : "false");
            }
            else if (value is string word)
            {
                WriteText(text, word);
            }
            else if (value is double || value is float)
            {
                double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                if (double.IsNaN(number) || double.IsInfinity(number))
                {
                    throw new ArgumentException("a number that is not finite");
                }
                text.Append(number.ToString("R", CultureInfo.InvariantCulture));
            }
            else if (value is IDictionary<string, object> map)
            {
                string before = "{";
                foreach (KeyValuePair<string, object> field in map)
                {
                    text.Append(before);
                    WriteText(text, field.Key);
                    text.Append(':');
                    Write(text, field.Value, depthMax - 1);
                    before = ",";
                }
                text.Append(map.Count == 0 ? "{}" : "}");
            }
            else if (value is ICollection values)
            {
                string before = "[";
                foreach (object part in values)
                {
                    text.Append(before);
                    Write(text, part, depthMax - 1);
                    before = ",";
                }
                text.Append(values.Count == 0 ? "[]" : "]");
            }
            else if (value is IConvertible number && !(value is char) && !(value is DateTime))
            {
                text.Append(Convert.ToInt64(number, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                throw new ArgumentException("no value that JSON can hold: " + value.GetType().Name);
            }
        }

        private static void WriteText(StringBuilder text, string word)
        {
            text.Append('"');
            foreach (char letter in word)
            {
                if (letter == '"' || letter == '\\')
                {
                    text.Append('\\').Append(letter);
                }
                else if (letter < ' ' || letter > '~')
                {
                    text.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    text.Append(letter);
                }
            }
            text.Append('"');
        }
    }
}
