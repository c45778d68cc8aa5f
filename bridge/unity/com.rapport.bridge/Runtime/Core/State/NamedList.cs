using System;
using System.Collections;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>A part of a state that has a name: a modality, a measure, a granular state, a moment.</summary>
    public abstract class Named
    {
        public string Name { get; internal set; } = "";

        internal abstract void Clear();

        internal abstract void CopyFrom(Named other);
    }

    /// <summary>Parts by name, in the order in which they came; what is removed is used again.</summary>
    /// <remarks>Go through it by index where each byte counts: `foreach` allocates a little.</remarks>
    public sealed class NamedList<T> : IReadOnlyList<T> where T : Named
    {
        private readonly Func<T> _make;
        private T[] _parts = new T[0];

        internal NamedList(Func<T> make)
        {
            _make = make;
        }

        public int Count { get; private set; }

        public T this[int index]
        {
            get
            {
                if (index >= Count)
                {
                    throw new ArgumentOutOfRangeException(nameof(index));
                }
                return _parts[index];
            }
        }

        /// <summary>The part of that name; null if there is none, which means that it is unknown.</summary>
        public T this[string name]
        {
            get
            {
                for (int i = 0; i < Count; i++)
                {
                    if (_parts[i].Name == name)
                    {
                        return _parts[i];
                    }
                }
                return null;
            }
        }

        /// <summary>A cleared part of that name: the one that is there, or one more.</summary>
        public T Add(string name)
        {
            T part = this[name];
            if (part == null)
            {
                if (Count == _parts.Length)
                {
                    Array.Resize(ref _parts, Math.Max(4, 2 * Count));
                }
                part = _parts[Count] = _parts[Count] ?? _make();
                Count++;
            }
            part.Name = name;
            part.Clear();
            return part;
        }

        public void Clear()
        {
            Count = 0;
        }

        public IEnumerator<T> GetEnumerator()
        {
            for (int i = 0; i < Count; i++)
            {
                yield return _parts[i];
            }
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return GetEnumerator();
        }

        internal void CopyFrom(NamedList<T> other)
        {
            Clear();
            for (int i = 0; i < other.Count; i++)
            {
                Add(other[i].Name).CopyFrom(other[i]);
            }
        }
    }
}
