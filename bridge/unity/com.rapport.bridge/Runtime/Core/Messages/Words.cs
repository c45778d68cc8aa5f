using System;
using System.Text;

namespace Rapport
{
    /// <summary>Texts by their bytes, so that a word that was read before is not allocated again.</summary>
    /// <remarks>
    /// Bounded: when it is full, and for texts that are too long for a word, each reading makes a
    /// new string. The words of the protocol are in it from the start, so that no flood of other
    /// words can keep them out. For one thread at a time.
    /// </remarks>
    internal sealed class Words
    {
        /// <summary>The vocabulary has about 120 words; the rest are models and measures.</summary>
        public const int WordsMax = 512;

        public const int WordBytesMax = 64;

        private const int Slots = 2 * WordsMax; // half empty, so that a search is short; a power of two

        // Refuses what is no UTF-8, as the protocol asks, instead of replacing it.
        internal static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, true);

        private readonly byte[][] _bytes = new byte[Slots][];
        private readonly string[] _words = new string[Slots];

        public Words()
        {
            foreach (string word in Vocabulary.Words)
            {
                byte[] bytes = Utf8.GetBytes(word);
                Read(bytes, 0, bytes.Length);
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
            int slot = Hash(data, start, length) & (Slots - 1);
            while (_bytes[slot] != null)
            {
                if (Same(_bytes[slot], data, start, length))
                {
                    return _words[slot];
                }
                slot = (slot + 1) & (Slots - 1);
            }
            string word = Decode(data, start, length);
            if (word != null && Count < WordsMax)
            {
                _bytes[slot] = new byte[length];
                Buffer.BlockCopy(data, start, _bytes[slot], 0, length);
                _words[slot] = word;
                Count++;
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
