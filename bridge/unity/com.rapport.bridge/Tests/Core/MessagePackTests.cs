using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Rapport.Tests
{
    public sealed class MessagePackTests
    {
        private const int Inputs = 20000;

        [Test]
        public void WhatIsWrittenIsReadAgain()
        {
            var random = Seeded(out string seed);
            for (int i = 0; i < 2000; i++)
            {
                object value = Anything(random, 4);
                byte[] bytes = Frames.Bytes(value);
                var reader = new MessagePackReader(bytes, 0, bytes.Length, new Words());
                object read = reader.ReadValue(Fields.DepthMax);
                reader.Finish();
                Assert.AreEqual(MessageFault.None, reader.Fault, seed);
                Assert.AreEqual(Json.Write(value), Json.Write(read), seed);
            }
        }

        [Test]
        public void NoInputIsTrusted()
        {
            var random = Seeded(out string seed);
            var states = new StateDecoder();
            var events = new EventDecoder();
            var state = new EmotionState();
            var words = new Words();
            int refused = 0;
            for (int i = 0; i < Inputs; i++)
            {
                byte[] input = i % 4 == 0 ? Noise(random) : Damaged(random, i % 2 == 0 ? Frames.State(i) : Frames.Event(i));
                MessageFault fault = states.Decode(input, 0, input.Length, state);
                refused += fault == MessageFault.None ? 0 : 1;
                fault = events.Decode(input, 0, input.Length, out RapportEvent happened);
                Assert.AreEqual(fault == MessageFault.None, happened != null, seed);
                var reader = new MessagePackReader(input, 0, input.Length, words);
                reader.ReadValue(Fields.DepthMax);
                Assert.IsTrue(reader.Position <= input.Length, seed);
                ReplyFrame.TryRead(input, 0, input.Length, words, out ReplyFrame frame);
                Assert.IsTrue(frame.Start + frame.Length <= input.Length, seed);
            }
            Assert.IsTrue(refused > Inputs / 4, "the damage does nothing: " + refused + " were refused. " + seed);
        }

        [Test]
        public void ALengthIsNotBelieved()
        {
            byte[][] claims =
            {
                new byte[] { 0xdd, 0xff, 0xff, 0xff, 0xff }, // an array of 4 billion
                new byte[] { 0xdf, 0xff, 0xff, 0xff, 0xff }, // a map
                new byte[] { 0xdb, 0xff, 0xff, 0xff, 0xff }, // a text
                new byte[] { 0xc6, 0xff, 0xff, 0xff, 0xff }, // bytes
                new byte[] { 0xc9, 0xff, 0xff, 0xff, 0xff, 1 }, // an extension
            };
            foreach (byte[] claim in claims)
            {
                var reader = new MessagePackReader(claim, 0, claim.Length, new Words());
                Assert.IsNull(reader.ReadValue(Fields.DepthMax));
                Assert.AreEqual(MessageFault.Truncated, reader.Fault);
            }
        }

        [Test]
        public void DeepValuesAreRefusedButSkipped()
        {
            var deep = new byte[5000];
            for (int i = 0; i < deep.Length - 1; i++)
            {
                deep[i] = 0x91;
            }
            var reader = new MessagePackReader(deep, 0, deep.Length, new Words());
            reader.ReadValue(Fields.DepthMax);
            Assert.AreEqual(MessageFault.TooDeep, reader.Fault);
            var skipper = new MessagePackReader(deep, 0, deep.Length, new Words());
            skipper.Skip();
            skipper.Finish();
            Assert.AreEqual(MessageFault.None, skipper.Fault);
        }

        [Test]
        public void WhatNoMessageCanHoldIsNotWritten()
        {
            foreach (object value in new object[] { double.NaN, float.PositiveInfinity, "\ud800", 'c', new object() })
            {
                Assert.Catch<ArgumentException>(() => Frames.Bytes(value));
            }
            Assert.Catch<ArgumentException>(
                () => Request.Encode("dialogue", new Dictionary<string, object> { { "text", new string('x', 65536) } }, 1));
            Assert.Catch<OverflowException>(() => Frames.Bytes(ulong.MaxValue));
        }

        [Test]
        public void WordsAreBounded()
        {
            var words = new Words();
            string anger = Read(words, "anger");
            for (int i = 0; i < 10000; i++)
            {
                Assert.AreEqual("word" + i, Read(words, "word" + i));
            }
            Assert.IsTrue(words.Count <= Words.WordsMax);
            Assert.IsTrue(ReferenceEquals(anger, Read(words, "anger")), "a word of the protocol was allocated anew");
            Assert.IsNull(words.Read(new byte[] { 0xc0, 0x80 }, 0, 2));
        }

        [Test]
        public void AWordInUseIsKeptHoweverManyThereWere()
        {
            var words = new Words();
            for (int i = 0; i < 3 * Words.WordsMax; i++)
            {
                string line = Read(words, "line." + i);
                Assert.IsTrue(ReferenceEquals(line, Read(words, "line." + i)), "allocated anew: " + line);
            }
        }

        private static string Read(Words words, string text)
        {
            byte[] bytes = Words.Utf8.GetBytes(text);
            return words.Read(bytes, 0, bytes.Length);
        }

        private static Random Seeded(out string said)
        {
            int seed = Environment.TickCount;
            said = "seed " + seed;
            Console.WriteLine(said);
            return new Random(seed);
        }

        private static byte[] Noise(Random random)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        // A few bytes changed, cut off, or put in.
        private static byte[] Damaged(Random random, byte[] frame)
        {
            for (int times = random.Next(1, 4); times > 0; times--)
            {
                frame[random.Next(frame.Length)] = (byte)random.Next(256);
            }
            Array.Resize(ref frame, frame.Length - (random.Next(3) == 0 ? random.Next(frame.Length) : 0) + random.Next(2));
            return frame;
        }

        private static object Anything(Random random, int depth)
        {
            switch (random.Next(depth > 0 ? 8 : 6))
            {
                case 0: return null;
                case 1: return random.Next(2) == 0;
                case 2: return random.Next(-200, 200);
                case 3: return ((long)random.Next() << 32) * (random.Next(2) == 0 ? 1 : -1);
                case 4: return random.NextDouble() * 1e9;
                case 5: return new string((char)random.Next('!', 0x2fff), random.Next(70));
                case 6:
                    var values = new List<object>();
                    for (int i = random.Next(20); i > 0; i--)
                    {
                        values.Add(Anything(random, depth - 1));
                    }
                    return values;
                default:
                    var map = new Dictionary<string, object>();
                    for (int i = random.Next(20); i > 0; i--)
                    {
                        map["key" + i] = Anything(random, depth - 1);
                    }
                    return map;
            }
        }
    }
}
