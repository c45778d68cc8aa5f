using System;

namespace Rapport
{
    /// <summary>Reads states from frames into objects that are there already.</summary>
    /// <remarks>Once all words of a sidecar were read, nothing is allocated any more. For one thread.</remarks>
    internal sealed partial class StateDecoder
    {
        public static readonly byte[] Topic = { (byte)'s', (byte)'t', (byte)'a', (byte)'t', (byte)'e', (byte)' ' };

        /// <summary>How far a sum may be from what it must be: room for senders that compute in 32 bits.</summary>
        public const double SumTolerance = 1e-3;

        // The required fields of a map, each a bit.
        private const int CapturedNs = 1, CapturedWall = 2, Label = 4, Confidence = 8, Modalities = 16;
        private const int StateNeeds = CapturedNs | CapturedWall | Label | Confidence | Modalities;
        private const int Weight = 1, Condition = 2, ModalityNeeds = Weight | Condition;
        private const int First = 1, Second = 2, Both = First | Second;

        private readonly Words _words = new Words();

        /// <summary>Reads a whole frame; unless the answer is None, the state holds nothing of use.</summary>
        public MessageFault Decode(byte[] data, int start, int length, EmotionState state)
        {
            state.Clear();
            var reader = new MessagePackReader(data, start, length, _words);
            reader.Require(length <= ZmtpLink.FrameBytesMax, MessageFault.TooLong);
            reader.ReadTopic(Topic);
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                ReadField(ref reader, reader.ReadWord(), state, ref seen);
            }
            reader.Finish();
            reader.Require(seen == StateNeeds, MessageFault.Missing);
            double weights = 0;
            for (int i = 0; i < state.Modalities.Count; i++)
            {
                weights += state.Modalities[i].Weight;
            }
            reader.Require(Math.Abs(weights - 1) <= SumTolerance || weights <= SumTolerance, MessageFault.Range);
            return reader.Fault;
        }

        private static void ReadField(ref MessagePackReader reader, string name, EmotionState state, ref int seen)
        {
            switch (name)
            {
                case "captured_ns":
                    state.CapturedNs = reader.ReadInteger(0, long.MaxValue);
                    seen |= CapturedNs;
                    break;
                case "captured_wall":
                    state.CapturedWall = reader.ReadNumber(0, double.MaxValue);
                    seen |= CapturedWall;
                    break;
                case "label":
                    state.Label = reader.ReadWord();
                    bool known = Vocabulary.IndexOf(Vocabulary.Labels, state.Label) >= 0;
                    reader.Require(known || state.Label == Vocabulary.Uncertain, MessageFault.Range);
                    seen |= Label;
                    break;
                case "confidence":
                    state.Confidence = reader.ReadNumber(0, 1);
                    seen |= Confidence;
                    break;
                case "modalities":
                    state.Modalities.Clear();
                    for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
                    {
                        ReadModality(ref reader, state.Modalities.Add(reader.ReadWord()));
                    }
                    seen |= Modalities;
                    break;
                case "probabilities": state.Probabilities.Read(ref reader); break;
                case "valence": state.Valence = ReadOptional(ref reader, -1, 1); break;
                case "arousal": state.Arousal = ReadOptional(ref reader, -1, 1); break;
                case "dominance": state.Dominance = ReadOptional(ref reader, -1, 1); break;
                case "trend": state.Trend = ReadOptional(ref reader, double.MinValue, double.MaxValue); break;
                case "speaking": state.Speaking = ReadOptionalFlag(ref reader); break;
                case "face_present": state.FacePresent = ReadOptionalFlag(ref reader); break;
                case "incongruence": state.Incongruence = ReadOptional(ref reader, 0, 1); break;
                case "baseline": state.Baseline = reader.ReadWord(); break;
                case "schema": state.Schema = (int)reader.ReadInteger(1, int.MaxValue); break;
                case "sequence": state.Sequence = reader.ReadInteger(0, long.MaxValue); break;
                case "published_ns": state.PublishedNs = reader.ReadInteger(0, long.MaxValue); break;
                case "published_wall": state.PublishedWall = reader.ReadNumber(0, double.MaxValue); break;
                case "burst": ReadBurst(ref reader, state); break;
                case "replay": state.Replay = reader.ReadFlag(); break;
                case "granular":
                    state.Granular.Clear();
                    for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
                    {
                        ReadGranular(ref reader, state.Granular.Add(reader.ReadWord()));
                    }
                    break;
                case "contradiction": ReadContradiction(ref reader, state.Contradiction); break;
                case "mood": ReadMood(ref reader, state.Mood); break;
                case "moments":
                    state.Moments.Clear();
                    for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
                    {
                        ReadMoment(ref reader, state.Moments.Add(reader.ReadWord()));
                    }
                    break;
                case "conversation": ReadConversation(ref reader, state.Conversation); break;
                default: reader.Skip(); break;
            }
        }

        private static void ReadModality(ref MessagePackReader reader, ModalityState modality)
        {
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "weight":
                        modality.Weight = reader.ReadNumber(0, 1);
                        seen |= Weight;
                        break;
                    case "condition":
                        modality.Condition = reader.ReadWord();
                        seen |= Condition;
                        break;
                    case "quality": ReadQuality(ref reader, modality); break;
                    case "age_ms": modality.AgeMs = ReadOptional(ref reader, 0, double.MaxValue); break;
                    case "distribution": modality.Distribution.Read(ref reader); break;
                    case "valence": modality.Valence = ReadOptional(ref reader, -1, 1); break;
                    case "arousal": modality.Arousal = ReadOptional(ref reader, -1, 1); break;
                    case "model": modality.Model = reader.ReadWord(); break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == ModalityNeeds, MessageFault.Missing);
        }

        private static void ReadQuality(ref MessagePackReader reader, ModalityState modality)
        {
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "score": modality.Quality = reader.ReadNumber(0, 1); break;
                    case "measures":
                        for (int measures = reader.ReadMap(); measures > 0 && reader.Ok; measures--)
                        {
                            ReadMeasure(ref reader, modality.Measures.Add(reader.ReadWord()));
                        }
                        break;
                    default: reader.Skip(); break;
                }
            }
        }

        private static void ReadMeasure(ref MessagePackReader reader, Measure measure)
        {
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "value":
                        measure.Value = reader.ReadNumber(double.MinValue, double.MaxValue);
                        seen |= First;
                        break;
                    case "score":
                        measure.Score = reader.ReadNumber(0, 1);
                        seen |= Second;
                        break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == Both, MessageFault.Missing);
        }

        private static void ReadGranular(ref MessagePackReader reader, GranularState granular)
        {
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "value":
                        granular.Value = reader.ReadNumber(0, 1);
                        seen |= First;
                        break;
                    case "confidence":
                        granular.Confidence = reader.ReadNumber(0, 1);
                        seen |= Second;
                        break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == Both, MessageFault.Missing);
        }

        private static void ReadBurst(ref MessagePackReader reader, EmotionState state)
        {
            state.Burst = "";
            state.BurstConfidence = 0;
            if (reader.TryReadNil())
            {
                return;
            }
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "name":
                        state.Burst = reader.ReadWord();
                        seen |= First;
                        break;
                    case "confidence":
                        state.BurstConfidence = reader.ReadNumber(0, 1);
                        seen |= Second;
                        break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == Both, MessageFault.Missing);
        }

        private static double? ReadOptional(ref MessagePackReader reader, double low, double high)
        {
            return reader.TryReadNil() ? (double?)null : reader.ReadNumber(low, high);
        }

        private static bool? ReadOptionalFlag(ref MessagePackReader reader)
        {
            return reader.TryReadNil() ? (bool?)null : reader.ReadFlag();
        }
    }
}
