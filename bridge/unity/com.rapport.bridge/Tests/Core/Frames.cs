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
                    }
                },
                { "probabilities", distribution },
                { "valence", part },
                { "arousal", null },
                { "speaking", number % 2 == 0 },
                { "baseline", "set" },
                { "schema", 4 },
                { "sequence", number },
                { "published_ns", Clock.NowNs },
                { "burst", new Dictionary<string, object> { { "name", "laugh" }, { "confidence", 0.8 } } },
                { "granular", new Dictionary<string, object>
                    {
                        { "frustration", new Dictionary<string, object> { { "value", part }, { "confidence", 0.6 } } },
                    }
                },
                { "something_newer", new List<object> { 1, "two", new Dictionary<string, object>() } },
            });
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

        private static Dictionary<string, object> Modality(string condition, object distribution, string measure)
        {
            var measures = new Dictionary<string, object>
            {
                { measure, new Dictionary<string, object> { { "value", 6.5 }, { "score", 0.4 } } },
            };
            return new Dictionary<string, object>
            {
                { "weight", 0.5 },
                { "condition", condition },
                { "quality", new Dictionary<string, object> { { "score", 0.9 }, { "measures", measures } } },
                { "age_ms", 14.0 },
                { "distribution", distribution },
                { "model", "a model, version " + condition.Length },
            };
        }
    }
}
