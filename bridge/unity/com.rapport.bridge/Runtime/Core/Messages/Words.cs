using System;
using System.Collections.Generic;
using System.Text;

namespace Rapport
{
    /// <summary>Texts by their bytes, so that a word that was read before is not allocated again.</summary>
    /// <remarks>
    /// Bounded: when it is full, it forgets all but the words of the protocol, and those that are
    /// still in use come in again. A game may thus have any number of ids of lines and moments, and
    /// no flood of words can keep others out. Texts that are too long for a word are made anew at
    /// each reading. For one thread at a time.
    /// </remarks>
    internal sealed class Words
    {
        /// <summary>The vocabulary has about 160 words; the rest are models, measures, lines and moments.</summary>
        public const int WordsMax = 512;

        /// <summary>The 64 characters that the id of a line may have, of four bytes each.</summary>
        public const int WordBytesMax = 256;

        private const int Slots = 2 * WordsMax; // half empty, so that a search is short; a power of two

        // Refuses what is no UTF-8, as the protocol asks, instead of replacing it.
        internal static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, true);

        private readonly byte[][] _bytes = new byte[Slots][];
        private readonly string[] _words = new string[Slots];

        // The words of the protocol.
        private readonly List<byte[]> _knownBytes = new List<byte[]>();
        private readonly List<string> _knownWords = new List<string>();

        public Words()
        {
            foreach (string word in Vocabulary.Words)
            {
                byte[] bytes = Utf8.GetBytes(word);
                if (Find(bytes, 0, bytes.Length, out int slot) == null)
                {
                    _knownBytes.Add(bytes);
                    _knownWords.Add(word);
                    Put(slot, bytes, word);
                }
            }
        }

        public int Count { get; private set; }

        /// <summary>The text of these bytes; null if they are no UTF-8.</summary>
        public string Read(byte[] data, int start, int length)
        {
            if (length > WordBytesMax)
            {
                return Decode(data, start, length);
            }
            string word = Find(data, start, length, out int slot);
            if (word != null)
            {
                return word;
            }
            word = Decode(data, start, length);
            if (word != null)
            {
                if (Count == WordsMax)
                {
                    Forget();
                    Find(data, start, length, out slot);
                }
                var bytes = new byte[length];
                Buffer.BlockCopy(data, start, bytes, 0, length);
                Put(slot, bytes, word);
            }
            return word;
        }

        public static string Decode(byte[] data, int start, int length)
        {
            try
            {
                return Utf8.GetString(data, start, length);
            }
            catch (ArgumentException) // DecoderFallbackException is one
            {
                return null;
            }
        }

        // The word of these bytes; null if there is none, and then the slot where it belongs.
        private string Find(byte[] data, int start, int length, out int slot)
        {
            slot = Hash(data, start, length) & (Slots - 1);
            while (_bytes[slot] != null && !Same(_bytes[slot], data, start, length))
            {
                slot = (slot + 1) & (Slots - 1);
            }
            return _words[slot];
        }

        private void Put(int slot, byte[] bytes, string word)
        {
            _bytes[slot] = bytes;
            _words[slot] = word;
            Count++;
        }

        private void Forget()
        {
            Array.Clear(_bytes, 0, Slots);
            Array.Clear(_words, 0, Slots);
            Count = 0;
            for (int i = 0; i < _knownBytes.Count; i++)
            {
                Find(_knownBytes[i], 0, _knownBytes[i].Length, out int slot);
                Put(slot, _knownBytes[i], _knownWords[i]);
            }
        }

        // FNV-1a (Fowler, Noll, Vo).
        private static int Hash(byte[] data, int start, int length)
        {
            uint hash = 2166136261;
            for (int i = start; i < start + length; i++)
            {
                hash = unchecked((hash ^ data[i]) * 16777619);
            }
            return unchecked((int)(hash ^ (hash >> 16)));
        }

        private static bool Same(byte[] word, byte[] data, int start, int length)
        {
            if (word.Length != length)
            {
                return false;
            }
            for (int i = 0; i < length; i++)
            {
                if (word[i] != data[start + i])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
