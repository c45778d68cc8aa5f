using System.Collections.Generic;

namespace Rapport
{
    /// <summary>Reads events from frames, and from answers to `events.since`. For one thread.</summary>
    internal sealed class EventDecoder
    {
        public static readonly byte[] Topic = { (byte)'e', (byte)'v', (byte)'e', (byte)'n', (byte)'t', (byte)' ' };

        // The required fields of a map, each a bit.
        private const int Kind = 1, AtNs = 2, AtWall = 4, EventNeeds = Kind | AtNs | AtWall;
        private const int Name = 1, Npc = 2, Firing = 4, Strength = 8, Reason = 16;
        private const int ReactionNeeds = Name | Npc | Firing | Strength | Reason;

        private readonly Words _words = new Words();

        /// <summary>Reads a whole frame; the event is null unless the answer is None.</summary>
        public MessageFault Decode(byte[] data, int start, int length, out RapportEvent happened)
        {
            var reader = new MessagePackReader(data, start, length, _words);
            reader.Require(length <= ZmtpLink.FrameBytesMax, MessageFault.TooLong);
            reader.ReadTopic(Topic);
            happened = ReadEvent(ref reader);
            reader.Finish();
            if (!reader.Ok)
            {
                happened = null;
            }
            return reader.Fault;
        }

        /// <summary>Reads the answer `Events`; null if it is not what it must be.</summary>
        public List<RapportEvent> DecodePage(byte[] data, int start, int length)
        {
            var reader = new MessagePackReader(data, start, length, _words);
            var page = new List<RapportEvent>();
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                if (reader.ReadWord() != "events")
                {
                    reader.Skip();
                    continue;
                }
                for (int events = reader.ReadArray(); events > 0 && reader.Ok; events--)
                {
                    page.Add(ReadEvent(ref reader));
                }
            }
            reader.Finish();
            return reader.Ok ? page : null;
        }

        private static RapportEvent ReadEvent(ref MessagePackReader reader)
        {
            var happened = new RapportEvent();
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "kind":
                        happened.Kind = reader.ReadWord();
                        seen |= Kind;
                        break;
                    case "at_ns":
                        happened.AtNs = reader.ReadInteger(0, long.MaxValue);
                        seen |= AtNs;
                        break;
                    case "at_wall":
                        happened.AtWall = reader.ReadNumber(0, double.MaxValue);
                        seen |= AtWall;
                        break;
                    case "code": happened.Code = reader.ReadWord(); break;
                    case "detail": happened.Detail = reader.ReadText(); break;
                    case "schema": happened.Schema = (int)reader.ReadInteger(1, int.MaxValue); break;
                    case "sequence": happened.Sequence = reader.ReadInteger(0, long.MaxValue); break;
                    case "reaction": happened.Reaction = ReadReaction(ref reader); break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == EventNeeds, MessageFault.Missing);
            return happened;
        }

        private static Reaction ReadReaction(ref MessagePackReader reader)
        {
            if (reader.TryReadNil())
            {
                return null;
            }
            var reaction = new Reaction();
            int seen = 0;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "name":
                        reaction.Name = reader.ReadWord();
                        seen |= Name;
                        break;
                    case "npc":
                        reaction.Npc = reader.ReadWord();
                        seen |= Npc;
                        break;
                    case "firing":
                        reaction.Firing = reader.ReadInteger(0, long.MaxValue);
                        seen |= Firing;
                        break;
                    case "strength":
                        reaction.Strength = reader.ReadNumber(0, 1);
                        seen |= Strength;
                        break;
                    case "reason":
                        reaction.Reason = reader.ReadWord();
                        seen |= Reason;
                        break;
                    case "app": reaction.App = reader.ReadWord(); break;
                    case "why":
                        for (int causes = reader.ReadArray(); causes > 0 && reader.Ok; causes--)
                        {
                            reaction.Why.Add(ReadCause(ref reader));
                        }
                        break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(seen == ReactionNeeds, MessageFault.Missing);
            return reaction;
        }

        private static Cause ReadCause(ref MessagePackReader reader)
        {
            var cause = new Cause();
            bool named = false;
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                switch (reader.ReadWord())
                {
                    case "signal":
                        cause.Signal = reader.ReadWord();
                        named = true;
                        break;
                    case "value": cause.Value = ReadOptional(ref reader); break;
                    case "level": cause.Level = ReadOptional(ref reader); break;
                    case "word": cause.Word = reader.ReadWord(); break;
                    case "modality": cause.Modality = reader.ReadWord(); break;
                    default: reader.Skip(); break;
                }
            }
            reader.Require(named, MessageFault.Missing);
            return cause;
        }

        private static double? ReadOptional(ref MessagePackReader reader)
        {
            return reader.TryReadNil() ? (double?)null : reader.ReadNumber(double.MinValue, double.MaxValue);
        }
    }
}
