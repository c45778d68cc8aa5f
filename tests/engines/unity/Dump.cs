using System.Collections.Generic;

namespace Rapport.Tests
{
    /// <summary>States and events as the maps of the protocol, so that pytest can compare them.</summary>
    internal static class Dump
    {
        public static Dictionary<string, object> Of(EmotionState state)
        {
            var modalities = new Dictionary<string, object>();
            foreach (ModalityState modality in state.Modalities)
            {
                modalities[modality.Name] = Of(modality);
            }
            var granular = new Dictionary<string, object>();
            foreach (GranularState one in state.Granular)
            {
                granular[one.Name] = new Dictionary<string, object> { { "value", one.Value }, { "confidence", one.Confidence } };
            }
            var moments = new Dictionary<string, object>();
            foreach (MomentState moment in state.Moments)
            {
                moments[moment.Name] = Of(moment);
            }
            return new Dictionary<string, object>
            {
                { "captured_ns", state.CapturedNs },
                { "captured_wall", state.CapturedWall },
                { "label", state.Label },
                { "confidence", state.Confidence },
                { "modalities", modalities },
                { "probabilities", Of(state.Probabilities) },
                { "valence", state.Valence },
                { "arousal", state.Arousal },
                { "dominance", state.Dominance },
                { "trend", state.Trend },
                { "speaking", state.Speaking },
                { "face_present", state.FacePresent },
                { "incongruence", state.Incongruence },
                { "baseline", state.Baseline },
                { "schema", state.Schema },
                { "sequence", state.Sequence },
                { "published_ns", state.PublishedNs },
                { "published_wall", state.PublishedWall },
                { "burst", Burst(state) },
                { "replay", state.Replay },
                { "granular", granular },
                { "contradiction", Of(state.Contradiction) },
                { "mood", Of(state.Mood) },
                { "moments", moments },
                { "conversation", Of(state.Conversation) },
            };
        }

        public static Dictionary<string, object> Of(RapportEvent happened)
        {
            return new Dictionary<string, object>
            {
                { "kind", happened.Kind },
                { "at_ns", happened.AtNs },
                { "at_wall", happened.AtWall },
                { "code", happened.Code },
                { "detail", happened.Detail },
                { "schema", happened.Schema },
                { "sequence", happened.Sequence },
                { "reaction", happened.Reaction == null ? null : Of(happened.Reaction) },
            };
        }

        public static Dictionary<string, object> Of(Reaction reaction)
        {
            var why = new List<object>();
            foreach (Cause cause in reaction.Why)
            {
                why.Add(new Dictionary<string, object>
                {
                    { "signal", cause.Signal },
                    { "value", cause.Value },
                    { "level", cause.Level },
                    { "word", cause.Word },
                    { "modality", cause.Modality },
                });
            }
            return new Dictionary<string, object>
            {
                { "name", reaction.Name },
                { "npc", reaction.Npc },
                { "firing", reaction.Firing },
                { "strength", reaction.Strength },
                { "reason", reaction.Reason },
                { "why", why },
                { "app", reaction.App },
            };
        }

        public static Dictionary<string, object> Of(Reply reply)
        {
            var fields = new Dictionary<string, object>();
            foreach (string name in reply.Fields.Names)
            {
                fields[name] = reply.Fields[name];
            }
            return new Dictionary<string, object>
            {
                { "ok", reply.Ok }, { "code", reply.Code }, { "what", reply.What }, { "fields", fields },
            };
        }

        private static Dictionary<string, object> Of(ModalityState modality)
        {
            var measures = new Dictionary<string, object>();
            foreach (Measure measure in modality.Measures)
            {
                measures[measure.Name] = new Dictionary<string, object> { { "value", measure.Value }, { "score", measure.Score } };
            }
            var quality = new Dictionary<string, object> { { "score", modality.Quality }, { "measures", measures } };
            return new Dictionary<string, object>
            {
                { "weight", modality.Weight },
                { "condition", modality.Condition },
                { "quality", quality },
                { "age_ms", modality.AgeMs },
                { "distribution", Of(modality.Distribution) },
                { "valence", modality.Valence },
                { "arousal", modality.Arousal },
                { "model", modality.Model },
            };
        }

        private static Dictionary<string, object> Of(ContradictionState contradiction)
        {
            return contradiction.Kind.Length == 0 ? null : new Dictionary<string, object>
            {
                { "kind", contradiction.Kind },
                { "strength", contradiction.Strength },
                { "before", contradiction.Before },
                { "after", contradiction.After },
                { "line", contradiction.Line },
            };
        }

        private static Dictionary<string, object> Of(MoodState mood)
        {
            return !mood.IsKnown ? null : new Dictionary<string, object>
            {
                { "valence", mood.Valence },
                { "arousal", mood.Arousal },
                { "long_valence", mood.LongValence },
                { "long_arousal", mood.LongArousal },
                { "volatility", mood.Volatility },
                { "confidence", mood.Confidence },
            };
        }

        private static Dictionary<string, object> Of(MomentState moment)
        {
            return new Dictionary<string, object>
            {
                { "course", moment.Course },
                { "strength", moment.Strength },
                { "confidence", moment.Confidence },
                { "since_s", moment.SinceS },
            };
        }

        private static Dictionary<string, object> Of(ConversationState conversation)
        {
            return !conversation.IsKnown ? null : new Dictionary<string, object>
            {
                { "utterances", conversation.Utterances },
                { "line", conversation.Line },
                { "role", conversation.Role },
                { "pause_s", conversation.PauseS },
                { "reading", Of(conversation.Reading) },
                { "expected", Of(conversation.Expected) },
            };
        }

        private static List<object> Of(Distribution distribution)
        {
            if (!distribution.IsKnown)
            {
                return null;
            }
            var shares = new List<object>();
            for (int i = 0; i < Vocabulary.Labels.Count; i++)
            {
                shares.Add(distribution[(Emotion)i]);
            }
            return shares;
        }

        private static Dictionary<string, object> Burst(EmotionState state)
        {
            return state.Burst.Length == 0
                ? null
                : new Dictionary<string, object> { { "name", state.Burst }, { "confidence", state.BurstConfidence } };
        }
    }
}
