using System.Collections.Generic;
using System.Globalization;

namespace Rapport
{
    /// <summary>Something that happened once.</summary>
    public sealed class RapportEvent
    {
        /// <summary>What happened, one of <see cref="Vocabulary.EventKinds"/> or a newer one.</summary>
        public string Kind { get; set; } = "";

        /// <summary>When, on the machine's monotonic clock.</summary>
        public long AtNs { get; set; }

        /// <summary>When, in seconds since the Unix epoch.</summary>
        public double AtWall { get; set; }

        /// <summary>The stable code of the error behind it; empty: none.</summary>
        public string Code { get; set; } = "";

        /// <summary>One sentence for people, in English.</summary>
        public string Detail { get; set; } = "";

        /// <summary>Version of the sender's schema.</summary>
        public int Schema { get; set; } = 1;

        /// <summary>Counts up by one per event, from 1 at every start of a sidecar; 0: not numbered.</summary>
        public long Sequence { get; set; }

        /// <summary>The reaction, in the three kinds of reaction events; else null.</summary>
        public Reaction Reaction { get; set; }
    }

    /// <summary>A designer's rule that has fired, goes on, or has ended.</summary>
    public sealed class Reaction
    {
        /// <summary>As the profile names it.</summary>
        public string Name { get; set; } = "";

        /// <summary>The character that reacts.</summary>
        public string Npc { get; set; } = "";

        /// <summary>The same from begin to end; another one for each firing.</summary>
        public long Firing { get; set; }

        /// <summary>How strongly, 0 … 1; at the end the last one.</summary>
        public double Strength { get; set; }

        /// <summary>`entered`, `strength`, `left`, `unknown`, `replaced`, `profile` or `stopped`.</summary>
        public string Reason { get; set; } = "";

        /// <summary>The application that set the profile; empty: it comes from a file.</summary>
        public string App { get; set; } = "";

        /// <summary>The conditions that decided.</summary>
        public List<Cause> Why { get; } = new List<Cause>();

        /// <summary>Why, in words: `frustration 0.72 above 0.60 (voice)`.</summary>
        public string WhyInWords()
        {
            var words = new List<string>();
            foreach (Cause cause in Why)
            {
                words.Add(cause.ToString());
            }
            return string.Join(", ", words);
        }
    }

    /// <summary>A condition that decided a reaction.</summary>
    public sealed class Cause
    {
        /// <summary>The signal, as the profile names it.</summary>
        public string Signal { get; set; } = "";

        /// <summary>Its value then; null: unknown, or a word.</summary>
        public double? Value { get; set; }

        /// <summary>The level that it crossed; null: a word or a flag.</summary>
        public double? Level { get; set; }

        /// <summary>Its value, where that is a word.</summary>
        public string Word { get; set; } = "";

        /// <summary>Which modality had the largest part in it; empty: none alone.</summary>
        public string Modality { get; set; } = "";

        public override string ToString()
        {
            string value = Word.Length > 0 ? Word : Value.HasValue ? Two(Value.Value) : "unknown";
            string beyond = Value.HasValue && Level.HasValue
                ? (Value.Value >= Level.Value ? " above " : " below ") + Two(Level.Value)
                : "";
            return Signal + " " + value + beyond + (Modality.Length > 0 ? " (" + Modality + ")" : "");
        }

        private static string Two(double number)
        {
            return number.ToString("0.00", CultureInfo.InvariantCulture);
        }
    }
}
