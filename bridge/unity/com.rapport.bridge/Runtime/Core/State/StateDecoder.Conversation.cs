namespace Rapport
{
    /// <content>What a state says of the dialogue, and of the time behind it.</content>
    internal sealed partial class StateDecoder
    {
        private const int Third = 4, Fourth = 8, Fifth = 16, Sixth = 32;
        private const int Four = Both | Third | Fourth, Six = Four | Fifth | Sixth;

        private static void ReadContradiction(ref MessagePackReader reader, ContradictionState contradiction)
        {
            contradiction.Clear();
            if (reader.TryReadNil())
            {
                return;
            }
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "kind":
                        contradiction.Kind = reader.ReadWord();
                        seen |= First;
                        break;
                    case "strength":
                        contradiction.Strength = reader.ReadNumber(0, 1);
                        seen |= Second;
                        break;
                    case "before":
                        contradiction.Before = reader.ReadWord();
                        seen |= Third;
                        break;
                    case "after":
                        contradiction.After = reader.ReadWord();
                        seen |= Fourth;
                        break;
                    case "line": contradiction.Line = reader.ReadWord(); break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == Four, MessageFault.Missing);
        }

        private static void ReadMood(ref MessagePackReader reader, MoodState mood)
        {
            mood.Clear();
            if (reader.TryReadNil())
            {
                return;
            }
            double valence = 0, arousal = 0, longValence = 0, longArousal = 0, volatility = 0, confidence = 0;
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "valence":
                        valence = reader.ReadNumber(-1, 1);
                        seen |= First;
                        break;
                    case "arousal":
                        arousal = reader.ReadNumber(-1, 1);
                        seen |= Second;
                        break;
                    case "long_valence":
                        longValence = reader.ReadNumber(-1, 1);
                        seen |= Third;
                        break;
                    case "long_arousal":
                        longArousal = reader.ReadNumber(-1, 1);
                        seen |= Fourth;
                        break;
                    case "volatility":
                        volatility = reader.ReadNumber(0, 1);
                        seen |= Fifth;
                        break;
                    case "confidence":
                        confidence = reader.ReadNumber(0, 1);
                        seen |= Sixth;
                        break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == Six, MessageFault.Missing);
            if (reader.Ok)
            {
                mood.Set(valence, arousal, longValence, longArousal, volatility, confidence);
            }
        }

        private static void ReadMoment(ref MessagePackReader reader, MomentState moment)
        {
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "course":
                        moment.Course = reader.ReadWord();
                        seen |= First;
                        break;
                    case "strength":
                        moment.Strength = reader.ReadNumber(0, 1);
                        seen |= Second;
                        break;
                    case "confidence":
                        moment.Confidence = reader.ReadNumber(0, 1);
                        seen |= Third;
                        break;
                    case "since_s":
                        moment.SinceS = reader.ReadNumber(0, double.MaxValue);
                        seen |= Fourth;
                        break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == Four, MessageFault.Missing);
        }

        private static void ReadConversation(ref MessagePackReader reader, ConversationState conversation)
        {
            conversation.Clear();
            if (reader.TryReadNil())
            {
                return;
            }
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "utterances": conversation.Utterances = reader.ReadInteger(0, long.MaxValue); break;
                    case "line": conversation.Line = reader.ReadWord(); break;
                    case "role": conversation.Role = reader.ReadWord(); break;
                    case "pause_s": conversation.PauseS = ReadOptional(ref reader, 0, double.MaxValue); break;
                    case "reading": conversation.Reading.Read(ref reader); break;
                    case "expected": conversation.Expected.Read(ref reader); break;
                    default: reader.Skip(); break;
                }
            }
            conversation.IsKnown = reader.Ok;
        }
    }
}
