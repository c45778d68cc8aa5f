using System.Collections.Generic;

namespace Rapport
{
    /// <summary>The eight emotions, in the order of the protocol.</summary>
    public enum Emotion { Neutral, Happiness, Surprise, Sadness, Anger, Disgust, Fear, Contempt }

    /// <summary>The words of the protocol (bridge/protocol/SPEC.md).</summary>
    /// <remarks>All but the labels may get more: a word that is not here is kept as it comes.</remarks>
    public static class Vocabulary
    {
        /// <summary>The label of a state in which no emotion stands out.</summary>
        public const string Uncertain = "uncertain";

        /// <summary>The course of a moment of which too little is known.</summary>
        public const string UnknownCourse = "unknown";

        /// <summary>The labels, each at the place of its <see cref="Emotion"/>.</summary>
        public static readonly IReadOnlyList<string> Labels = new[]
        {
            "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
        };

        public static readonly IReadOnlyList<string> Modalities = new[] { "face", "voice", "text", "appraisal" };

        /// <summary>Compositions over time of what is seen and heard; see docs/granular.md.</summary>
        public static readonly IReadOnlyList<string> Granular = new[]
        {
            "frustration", "confusion", "overwhelm", "boredom",
            "engagement", "amusement", "scepticism", "grief",
        };

        /// <summary>Sounds of feeling without words.</summary>
        public static readonly IReadOnlyList<string> Bursts = new[]
        {
            "laugh", "cheer", "sigh", "gasp", "cry", "ouch", "yuck", "huh",
        };

        /// <summary>What it may be when the words, the voice and the face contradict each other.</summary>
        public static readonly IReadOnlyList<string> Contradictions = new[]
        {
            "sarcasm", "masking", "forced_politeness",
        };

        /// <summary>How a moment was taken: worse and worse, neither way, better again, or too little is known.</summary>
        public static readonly IReadOnlyList<string> Courses = new[]
        {
            "escalating", "steady", "recovering", UnknownCourse,
        };

        /// <summary>What may be the matter with a signal; any but ok means that something is.</summary>
        public static readonly IReadOnlyList<string> Conditions = new[]
        {
            "ok", "starting", "absent", "occluded", "low_light", "overexposed", "blurred",
            "turned_away", "silent", "noisy", "clipped", "stale", "lost", "failed", "disabled",
        };

        public static readonly IReadOnlyList<string> EventKinds = new[]
        {
            "started", "stopping", "ended", "status", "camera_busy", "camera_lost", "camera_back",
            "mic_lost", "mic_back", "face_found", "face_lost", "speech_began", "speech_ended",
            "expert_failed", "consent_granted", "consent_revoked", "paused", "resumed",
            "lease_taken", "lease_lost", "baseline_set", "baseline_failed", "recording_began",
            "recording_ended", "reaction_began", "reaction_updated", "reaction_ended",
            "profile_loaded", "profile_refused", "profile_cleared",
            "moment_marked",
        };

        // The fields of states, events and replies' frames, which are read as words too.
        private static readonly string[] FieldNames =
        {
            "captured_ns", "captured_wall", "label", "confidence", "modalities", "probabilities",
            "valence", "arousal", "dominance", "trend", "speaking", "face_present", "incongruence",
            "baseline", "schema", "sequence", "published_ns", "published_wall", "burst", "replay",
            "granular", "weight", "condition", "quality", "age_ms", "distribution", "model", "score",
            "measures", "value", "name", "kind", "at_ns", "at_wall", "code", "detail", "reaction",
            "npc", "firing", "strength", "reason", "why", "app", "signal", "level", "word",
            "modality", "id", "reply", "error", "events", "complete", "contradiction", "mood", "moments",
            "conversation", "before", "after", "line", "long_valence", "long_arousal", "volatility",
            "course", "since_s", "utterances", "role", "pause_s", "reading", "expected", "player",
            Uncertain, "none", "set", "",
        };

        /// <summary>All words that are known from the start.</summary>
        internal static IEnumerable<string> Words
        {
            get
            {
                foreach (IEnumerable<string> words in new[]
                {
                    FieldNames, Labels, Modalities, Granular, Bursts, Contradictions, Courses,
                    Conditions, EventKinds,
                })
                {
                    foreach (string word in words)
                    {
                        yield return word;
                    }
                }
            }
        }

        /// <summary>The place of a word in a list of words; -1 if it is not in it.</summary>
        public static int IndexOf(IReadOnlyList<string> words, string word)
        {
            for (int i = 0; i < words.Count; i++)
            {
                if (words[i] == word)
                {
                    return i;
                }
            }
            return -1;
        }
    }
}
