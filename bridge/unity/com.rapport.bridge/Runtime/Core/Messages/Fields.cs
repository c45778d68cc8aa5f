using System.Collections.Generic;

namespace Rapport
{
    /// <summary>A map of a reply, with a default for what is missing or of another type.</summary>
    /// <remarks>Values are null, bool, long, double, string, byte[], List or Dictionary.</remarks>
    public sealed class Fields
    {
        /// <summary>Values that lie deeper in each other are refused.</summary>
        internal const int DepthMax = 32;

        internal static readonly Fields None = new Fields(new Dictionary<string, object>());

        private static readonly object[] NoValues = new object[0];

        private readonly IDictionary<string, object> _values;

        public Fields(IDictionary<string, object> values)
        {
            _values = values;
        }

        public ICollection<string> Names => _values.Keys;

        /// <summary>The value as it came; null if it is missing or nil.</summary>
        public object this[string name] => _values.TryGetValue(name, out object value) ? value : null;

        public string Text(string name, string otherwise = "")
        {
            return this[name] as string ?? otherwise;
        }

        public bool Flag(string name, bool otherwise = false)
        {
            return this[name] is bool flag ? flag : otherwise;
        }

        public long Integer(string name, long otherwise = 0)
        {
            return this[name] is long number ? number : otherwise;
        }

        /// <summary>A number in any format; null if it is missing or nil.</summary>
        public double? Number(string name)
        {
            object value = this[name];
            return value is double number ? number : value is long integer ? integer : (double?)null;
        }

        public Fields Map(string name)
        {
            return this[name] is IDictionary<string, object> map ? new Fields(map) : None;
        }

        /// <summary>The values of an array; empty if there is none.</summary>
        public IList<object> List(string name)
        {
            return this[name] as IList<object> ?? NoValues;
        }

        /// <summary>The maps of an array; what is no map is left out.</summary>
        public List<Fields> Maps(string name)
        {
            var maps = new List<Fields>();
            foreach (object value in List(name))
            {
                if (value is IDictionary<string, object> map)
                {
                    maps.Add(new Fields(map));
                }
            }
            return maps;
        }

        /// <summary>The texts of an array; what is no text is left out.</summary>
        public List<string> Texts(string name)
        {
            var texts = new List<string>();
            foreach (object value in List(name))
            {
                if (value is string text)
                {
                    texts.Add(text);
                }
            }
            return texts;
        }

        // The counts were checked against the bytes that are left, so memory is bounded by them.
        internal static List<object> ReadArray(ref MessagePackReader reader, int count, int depthMax)
        {
            reader.Require(depthMax >= 0, MessageFault.TooDeep);
            var values = new List<object>();
            for (; count > 0 && reader.Ok; count--)
            {
                values.Add(reader.ReadValue(depthMax));
            }
            return values;
        }

        internal static Dictionary<string, object> ReadMap(ref MessagePackReader reader, int count, int depthMax)
        {
            reader.Require(depthMax >= 0, MessageFault.TooDeep);
            var values = new Dictionary<string, object>();
            for (; count > 0 && reader.Ok; count--)
            {
                string name = reader.ReadWord();
                values[name] = reader.ReadValue(depthMax);
            }
            return values;
        }
    }
}
