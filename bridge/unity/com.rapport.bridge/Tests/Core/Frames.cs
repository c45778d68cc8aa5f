using System;
using System.Collections.Generic;

namespace Rapport.Tests
{
    /// <summary>Frames as a sidecar sends them, made here.</summary>
    internal static class Frames
    {
        /// <summary>A whole state in which everything is there, a little different for each number.</summary>
        public static byte[] State(int number)
        {
            double part = (number % 10) / 20.0;
            var distribution = new List<object> { 1 - part, part, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 };
            return Frame(StateDecoder.Topic, new Dictionary<string, object>
            {
                { "captured_ns", Clock.NowNs },
                { "captured_wall", 1767225600.25 },
                { "label", Vocabulary.Labels[number % 2] },
                { "confidence", 0.5 + part },
                { "modalities", new Dictionary<string, object>
                    {
                        { "face", Modality("ok", distribution, "snr_db") },
                        { "voice", Modality(number % 3 == 0 ? "noisy" : "silent", null, "yaw_deg") },
                        { "appraisal", Modality("ok", null, "entropy", 0.0) },
                    }
                },
                { "probabilities", distribution },
                { "valence", part },
                { "arousal", null },
                { "speaking", number % 2 == 0 },
                { "baseline", "set" },
                { "schema", 5 },
                { "sequence", number },
                { "published_ns", Clock.NowNs },
                { "burst", new Dictionary<string, object> { { "name", "laugh" }, { "confidence", 0.8 } } },
                { "granular", new Dictionary<string, object>
                    {
                        { "frustration", new Dictionary<string, object> { { "value", part }, { "confidence", 0.6 } } },
                    }
                },
                { "contradiction", new Dictionary<string, object>
                    {
                        { "kind", "sarcasm" }, { "strength", 0.75 }, { "before", "happiness" }, { "after", "anger" }, { "line", Line(number) },
                    }
                },
                { "mood", new Dictionary<string, object>
                    {
                        { "valence", -part }, { "arousal", part }, { "long_valence", -0.5 }, { "long_arousal", 0.25 },
                        { "volatility", part }, { "confidence", 0.7 },
                    }
                },
                { "moments", new Dictionary<string, object>
                    {
                        { "betrayal", Moment("escalating", 0.5 + part) }, { "boss.strength", Moment("unknown", 0) },
                    }
                },
                { "conversation", new Dictionary<string, object>
                    {
                        { "utterances", number }, { "line", Line(number) }, { "role", "player" },
                        { "pause_s", number % 2 == 0 ? null : (object)1.5 },
                        { "reading", distribution }, { "expected", null },
                    }
                },
                { "something_newer", new List<object> { 1, "two", new Dictionary<string, object>() } },
            });
        }

        /// <summary>The id of a line, as long as a game may have one.</summary>
        public static string Line(int number)
        {
            return "第" + (number % 10) + new string('字', 62);
        }

        public static byte[] Event(long sequence)
        {
            return Frame(EventDecoder.Topic, new Dictionary<string, object>
            {
                { "kind", "status" }, { "at_ns", 1 }, { "at_wall", 2.0 }, { "sequence", sequence }, { "detail", "capturing: face" },
            });
        }

        public static byte[] Frame(byte[] topic, object message)
        {
            return ZmtpBytes.Join(topic, Bytes(message));
        }

        public static byte[] Bytes(object message)
        {
            var writer = new MessagePackWriter();
            writer.Write(message);
            return writer.ToArray();
        }

        private static Dictionary<string, object> Moment(string course, double strength)
        {
            return new Dictionary<string, object>
            {
                { "course", course }, { "strength", strength }, { "confidence", 0.8 }, { "since_s", 12.5 },
            };
        }

        private static Dictionary<string, object> Modality(string condition, object distribution, string measure, double weight = 0.5)
        {
            var measures = new Dictionary<string, object>
            {
                { measure, new Dictionary<string, object> { { "value", 6.5 }, { "score", 0.4 } } },
            };
            return new Dictionary<string, object>
            {
                { "weight", weight },
                { "condition", condition },
                { "quality", new Dictionary<string, object> { { "score", 0.9 }, { "measures", measures } } },
                { "age_ms", 14.0 },
                { "distribution", distribution },
                { "model", "a model, version " + condition.Length },
            };
        }
    }
}
