using System;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>What a signal may be compared with.</summary>
    public enum SignalKind
    {
        /// <summary>There is no such signal.</summary>
        None,

        /// <summary>A level.</summary>
        Number,

        /// <summary>True or false.</summary>
        Flag,

        /// <summary>Some words.</summary>
        Word,

        /// <summary>Any of these: a variable of the game.</summary>
        Any,
    }

    /// <content>Which signals there are.</content>
    public static partial class Signals
    {
        private const string ContextPrefix = "context.";

        private static readonly string[] Flags = { "speaking", "face_present" };

        private static readonly string[] WordSignals = { "label", "contradiction", "conversation.role", "conversation.line" };

        // Those that go from −1 to +1.
        private static readonly string[] Signed =
        {
            "valence", "arousal", "dominance", "trend", "mood.valence", "mood.arousal", "mood.long_valence", "mood.long_arousal",
        };

        private static readonly string[] Numbers =
        {
            "incongruence", "confidence", "mood.volatility", "contradiction.strength", Pause,
        };

        /// <summary>What a signal is, by its name.</summary>
        public static SignalKind KindOf(string signal)
        {
            if (signal.StartsWith(ContextPrefix, StringComparison.Ordinal))
            {
                return signal.Length > ContextPrefix.Length ? SignalKind.Any : SignalKind.None;
            }
            if (signal.StartsWith(MomentPrefix, StringComparison.Ordinal))
            {
                bool isStrength = EndsWith(signal, StrengthSuffix);
                string name = signal.Substring(MomentPrefix.Length);
                name = isStrength ? name.Substring(0, Math.Max(0, name.Length - StrengthSuffix.Length)) : name;
                return !RapportConnection.IsId(name) ? SignalKind.None : isStrength ? SignalKind.Number : SignalKind.Word;
            }
            return Has(Flags, signal) ? SignalKind.Flag
                : Has(WordSignals, signal) || IsOf(Vocabulary.Modalities, signal, "condition") ? SignalKind.Word
                : IsNumber(signal) ? SignalKind.Number
                : SignalKind.None;
        }

        /// <summary>The level at which a signal counts no more, where a profile names none.</summary>
        public static double DefaultExit(string signal, double enter)
        {
            // Half of a silence; a tenth of any other range.
            return signal == Pause ? enter / 2 : enter - (Has(Signed, signal) ? 0.2 : 0.1);
        }

        private static bool IsNumber(string signal)
        {
            return Has(Numbers, signal) || Has(Signed, signal)
                || Has(Vocabulary.Labels, signal) || Has(Vocabulary.Granular, signal)
                || IsOf(Vocabulary.Modalities, signal, "quality") || IsOf(Vocabulary.Modalities, signal, "weight")
                || (signal.StartsWith(BurstPrefix, StringComparison.Ordinal)
                    && Has(Vocabulary.Bursts, signal.Substring(BurstPrefix.Length)));
        }

        private static bool IsOf(IReadOnlyList<string> owners, string signal, string part)
        {
            int dot = signal.IndexOf('.');
            return dot >= 0 && signal.Substring(dot + 1) == part && Has(owners, signal.Substring(0, dot));
        }

        private static bool Has(IReadOnlyList<string> words, string word)
        {
            return Vocabulary.IndexOf(words, word) >= 0;
        }
    }
}
