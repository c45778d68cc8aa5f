using System;

namespace Rapport
{
    /// <content>The signals of the dialogue, of the mood and of the game's moments.</content>
    public static partial class Signals
    {
        private const string MomentPrefix = "moment.";
        private const string MoodPrefix = "mood.";
        private const string Pause = "conversation.pause_s";
        private const string StrengthSuffix = ".strength";

        /// <summary>A longer silence is as long as this, in seconds.</summary>
        private const double PauseMaxS = 3600;

        /// <summary>The word of a signal `contradiction` while there is none, and that is known.</summary>
        private const string NoContradiction = "none";

        private static double? DialogueValueOf(EmotionState state, string signal)
        {
            switch (signal)
            {
                case "mood.valence": return state.Mood.Valence;
                case "mood.arousal": return state.Mood.Arousal;
                case "mood.long_valence": return state.Mood.LongValence;
                case "mood.long_arousal": return state.Mood.LongArousal;
                case "mood.volatility": return state.Mood.Volatility;
                case "contradiction.strength":
                    return ContradictionOf(state).Length > 0 ? state.Contradiction.Strength : (double?)null;
                case Pause:
                    return state.Conversation.Utterances > 0
                        ? Math.Min(PauseMaxS, state.Conversation.PauseS ?? 0)
                        : (double?)null;
            }
            return EndsWith(signal, StrengthSuffix) ? MomentOf(state, signal)?.Strength : null;
        }

        private static string DialogueWordOf(EmotionState state, string signal)
        {
            switch (signal)
            {
                case "contradiction": return ContradictionOf(state);
                case "conversation.role": return state.Conversation.Role;
                case "conversation.line": return state.Conversation.Line;
            }
            return EndsWith(signal, StrengthSuffix) ? "" : MomentOf(state, signal)?.Course ?? "";
        }

        // Null: it is none of these, or as sure as can be.
        private static double? DialogueConfidenceOf(EmotionState state, string signal)
        {
            if (signal == "contradiction")
            {
                return state.Contradiction.Kind.Length > 0 ? state.Contradiction.Strength : 1;
            }
            return signal.StartsWith(MoodPrefix, StringComparison.Ordinal) ? state.Mood.Confidence
                : signal.StartsWith(MomentPrefix, StringComparison.Ordinal) ? MomentOf(state, signal)?.Confidence ?? 0
                : (double?)null;
        }

        // That there is none is known only where somebody could tell.
        private static string ContradictionOf(EmotionState state)
        {
            return state.Contradiction.Kind.Length > 0 ? state.Contradiction.Kind
                : state.Incongruence.HasValue ? NoContradiction
                : "";
        }

        // The moment of `moment.NAME` or `moment.NAME.strength`; null: nobody knows how it was taken.
        private static MomentState MomentOf(EmotionState state, string signal)
        {
            if (!signal.StartsWith(MomentPrefix, StringComparison.Ordinal))
            {
                return null;
            }
            int end = signal.Length - (EndsWith(signal, StrengthSuffix) ? StrengthSuffix.Length : 0);
            for (int i = 0; i < state.Moments.Count; i++)
            {
                MomentState moment = state.Moments[i];
                bool isMeant = moment.Name.Length == end - MomentPrefix.Length
                    && string.CompareOrdinal(signal, MomentPrefix.Length, moment.Name, 0, moment.Name.Length) == 0;
                if (isMeant)
                {
                    return moment.Course == Vocabulary.UnknownCourse ? null : moment;
                }
            }
            return null;
        }

        private static bool EndsWith(string signal, string end)
        {
            return signal.EndsWith(end, StringComparison.Ordinal);
        }
    }
}
