using System.Collections.Generic;
using Rapport;

namespace Tavern
{
    /// <summary>What the game knows of this evening: coins, trust, the price of a lantern. Dialogue changes it.</summary>
    public sealed class Story
    {
        private readonly Dictionary<string, object> _values = new Dictionary<string, object>
        {
            { "coins", 10L }, { "price", 9L }, { "trust", 0L }, { "ropes", 0L }, { "has_lantern", false }, { "heard_song", false },
        };

        /// <summary>The names of all that is known.</summary>
        public ICollection<string> Names => _values.Keys;

        /// <summary>A value: a number or a boolean; null: there is none.</summary>
        public object this[string name] => _values.TryGetValue(name, out object value) ? value : null;

        public long Number(string name)
        {
            return this[name] is long number ? number : 0;
        }

        public void Put(string name, object value)
        {
            _values[name] = value;
        }

        /// <summary>Whether all that is needed is so. A number is at least that many; a text names another value.</summary>
        public bool Allows(Fields needs)
        {
            foreach (string name in needs.Names)
            {
                object needed = needs[name];
                bool isSo = needed is bool flag ? Equals(this[name] ?? false, flag) : Number(name) >= Amount(needed);
                if (!isSo)
                {
                    return false;
                }
            }
            return true;
        }

        /// <summary>Takes over what a reply changes; numbers are added.</summary>
        public void Apply(Fields changes)
        {
            foreach (string name in changes.Names)
            {
                object change = changes[name];
                Put(name, change is bool ? change : Number(name) + Amount(change));
            }
        }

        /// <summary>A text with its {coins} and {price} filled in.</summary>
        public string Filled(string text)
        {
            foreach (KeyValuePair<string, object> value in _values)
            {
                text = text.Replace("{" + value.Key + "}", value.Value.ToString());
            }
            return text;
        }

        private long Amount(object of)
        {
            if (of is string named)
            {
                return named.StartsWith("-") ? -Number(named.Substring(1)) : Number(named);
            }
            return of is long whole ? whole : of is double number ? (long)number : 0;
        }
    }
}
