using System;

namespace Rapport
{
    /// <summary>The signals of a state by the names that profiles use; see docs/reactions.md.</summary>
    public static partial class Signals
    {
        /// <summary>
        /// A signal as a number: an emotion, a granular state, `valence`, `arousal`, `dominance`,
        /// `trend`, `incongruence`, `confidence`, `speaking` and `face_present` (0 or 1),
        /// `burst.laugh`, `face.quality`, `voice.weight`, `mood.valence`, `contradiction.strength`,
        /// `moment.NAME.strength`, `conversation.pause_s`. Null: unknown, or no such signal.
        /// </summary>
        public static double? ValueOf(this EmotionState state, string signal)
        {
            int label = Vocabulary.IndexOf(Vocabulary.Labels, signal);
            if (label >= 0)
            {
                return state.Probabilities[(Emotion)label];
            }
            switch (signal)
            {
                case "valence": return state.Valence;
                case "arousal": return state.Arousal;
                case "dominance": return state.Dominance;
                case "trend": return state.Trend;
                case "incongruence": return state.Incongruence;
                case "confidence": return state.Probabilities.IsKnown ? state.Confidence : (double?)null;
                case "speaking": return Number(state.Speaking);
                case "face_present": return Number(state.FacePresent);
            }
            GranularState granular = state.Granular[signal];
            if (granular != null)
            {
                return granular.Value;
            }
            if (signal.StartsWith(BurstPrefix, StringComparison.Ordinal))
            {
                return BurstOf(state, signal);
            }
            ModalityState modality = ModalityOf(state, signal);
            return modality == null ? DialogueValueOf(state, signal)
                : IsPart(signal, modality, "quality") ? modality.Quality
                : IsPart(signal, modality, "weight") ? modality.Weight
                : (double?)null;
        }

        /// <summary>
        /// A signal that is a word: `label`, `face.condition`, `contradiction`, `moment.NAME`,
        /// `conversation.role`, `conversation.line`. Empty: unknown, or no such signal.
        /// </summary>
        public static string WordOf(this EmotionState state, string signal)
        {
            if (signal == "label")
            {
                return state.Probabilities.IsKnown ? state.Label : "";
            }
            ModalityState modality = ModalityOf(state, signal);
            return modality == null ? DialogueWordOf(state, signal)
                : IsPart(signal, modality, "condition") ? modality.Condition
                : "";
        }

        /// <summary>How sure a signal is, 0 … 1.</summary>
        public static double ConfidenceOf(this EmotionState state, string signal)
        {
            if (Vocabulary.IndexOf(Vocabulary.Granular, signal) >= 0)
            {
                return state.Granular[signal]?.Confidence ?? 0;
            }
            double? ofDialogue = DialogueConfidenceOf(state, signal);
            if (ofDialogue.HasValue)
            {
                return ofDialogue.Value;
            }
            bool rests = Vocabulary.IndexOf(Vocabulary.Labels, signal) >= 0
                || Vocabulary.IndexOf(RestingOnLabel, signal) >= 0;
            return rests ? state.Confidence : 1;
        }

        private const string BurstPrefix = "burst.";

        private static readonly string[] RestingOnLabel = { "valence", "arousal", "dominance", "trend", "label" };

        // A voice in one of these conditions is not listened to, so nobody knows whether it laughs.
        private static readonly string[] Deaf = { "disabled", "lost", "failed", "starting" };

        private static double? BurstOf(EmotionState state, string signal)
        {
            string condition = state.Modalities["voice"]?.Condition ?? Deaf[0];
            if (Vocabulary.IndexOf(Deaf, condition) >= 0)
            {
                return null;
            }
            bool heard = signal.Length == BurstPrefix.Length + state.Burst.Length
                && signal.EndsWith(state.Burst, StringComparison.Ordinal) && state.Burst.Length > 0;
            return heard ? state.BurstConfidence : 0;
        }

        private static ModalityState ModalityOf(EmotionState state, string signal)
        {
            for (int i = 0; i < state.Modalities.Count; i++)
            {
                string name = state.Modalities[i].Name;
                if (signal.Length > name.Length && signal[name.Length] == '.'
                    && signal.StartsWith(name, StringComparison.Ordinal))
                {
                    return state.Modalities[i];
                }
            }
            return null;
        }

        private static bool IsPart(string signal, ModalityState modality, string part)
        {
            return signal.Length == modality.Name.Length + 1 + part.Length
                && signal.EndsWith(part, StringComparison.Ordinal);
        }

        private static double? Number(bool? flag)
        {
            return flag.HasValue ? (flag.Value ? 1 : 0) : (double?)null;
        }
    }
}
