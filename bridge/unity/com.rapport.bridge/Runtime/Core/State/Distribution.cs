using System;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>The probabilities of the eight emotions, or nothing.</summary>
    public sealed class Distribution
    {
        private readonly double[] _shares = new double[8];

        /// <summary>Whether there are any; if not, there is nothing to go by.</summary>
        public bool IsKnown { get; private set; }

        /// <summary>The probability of an emotion, 0 … 1; null if nothing is known.</summary>
        public double? this[Emotion emotion] => IsKnown ? _shares[(int)emotion] : (double?)null;

        /// <exception cref="ArgumentException">There are not eight of them.</exception>
        public void Set(IReadOnlyList<double> shares)
        {
            if (shares.Count != _shares.Length)
            {
                throw new ArgumentException("a distribution has eight probabilities", nameof(shares));
            }
            for (int i = 0; i < _shares.Length; i++)
            {
                _shares[i] = shares[i];
            }
            IsKnown = true;
        }

        public void Clear()
        {
            IsKnown = false;
        }

        internal void CopyFrom(Distribution other)
        {
            Array.Copy(other._shares, _shares, _shares.Length);
            IsKnown = other.IsKnown;
        }

        // Reads an array of eight probabilities that sum to one, or nil.
        internal void Read(ref MessagePackReader reader)
        {
            IsKnown = false;
            if (reader.TryReadNil())
            {
                return;
            }
            reader.Require(reader.ReadArray() == _shares.Length, MessageFault.Type);
            double sum = 0;
            for (int i = 0; i < _shares.Length && reader.Ok; i++)
            {
                _shares[i] = reader.ReadNumber(0, 1);
                sum += _shares[i];
            }
            reader.Require(Math.Abs(sum - 1) <= StateDecoder.SumTolerance, MessageFault.Range);
            IsKnown = reader.Ok;
        }
    }
}
