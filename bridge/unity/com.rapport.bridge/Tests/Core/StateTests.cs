using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace Rapport.Tests
{
    public sealed class StateTests
    {
        [Test]
        public void NothingIsKnownOfANewState()
        {
            var state = new EmotionState();
            Assert.IsFalse(state.IsKnown);
            Assert.AreEqual("uncertain", state.Label);
            Assert.IsNull(state.Probability("anger"));
            Assert.IsNull(state.GranularValue("frustration"));
            foreach (string signal in new[] { "anger", "confidence", "valence", "speaking", "frustration", "burst.laugh", "face.quality" })
            {
                Assert.IsNull(state.ValueOf(signal), signal);
            }
            Assert.AreEqual("", state.WordOf("label"));
            Assert.AreEqual("", state.WordOf("face.condition"));
        }

        [Test]
        public void SignalsHaveTheNamesOfProfiles()
        {
            EmotionState state = Decoded(Frames.State(1));
            Assert.AreEqual(0.05, state.ValueOf("happiness"));
            Assert.AreEqual(0.55, state.ValueOf("confidence"));
            Assert.AreEqual(0.05, state.ValueOf("valence"));
            Assert.IsNull(state.ValueOf("arousal"));
            Assert.AreEqual(0, state.ValueOf("speaking"));
            Assert.AreEqual(0.05, state.ValueOf("frustration"));
            Assert.IsNull(state.ValueOf("boredom"));
            Assert.AreEqual(0.8, state.ValueOf("burst.laugh"));
            Assert.AreEqual(0, state.ValueOf("burst.sigh"));
            Assert.AreEqual(0.9, state.ValueOf("face.quality"));
            Assert.AreEqual(0.5, state.ValueOf("voice.weight"));
            Assert.IsNull(state.ValueOf("text.weight"));
            Assert.IsNull(state.ValueOf("face.colour"));
            Assert.AreEqual("happiness", state.WordOf("label"));
            Assert.AreEqual("silent", state.WordOf("voice.condition"));
            Assert.AreEqual(0.6, state.ConfidenceOf("frustration"));
            Assert.AreEqual(0, state.ConfidenceOf("boredom"));
            Assert.AreEqual(0.55, state.ConfidenceOf("valence"));
            Assert.AreEqual(1, state.ConfidenceOf("speaking"));
        }

        [Test]
        public void WhetherADeafVoiceLaughsIsUnknown()
        {
            EmotionState state = Decoded(Frames.State(1));
            foreach (string condition in new[] { "disabled", "lost", "failed", "starting" })
            {
                state.Modalities["voice"].Condition = condition;
                Assert.IsNull(state.ValueOf("burst.laugh"), condition);
            }
        }

        [Test]
        public void AStateThatIsReadAgainKeepsNothing()
        {
            var decoder = new StateDecoder();
            var state = new EmotionState();
            byte[] full = Frames.State(3);
            byte[] bare = Frames.Frame(StateDecoder.Topic, new Dictionary<string, object>
            {
                { "captured_ns", 1 }, { "captured_wall", 1 }, { "label", "uncertain" }, { "confidence", 0 },
                { "modalities", new Dictionary<string, object>() },
            });
            Assert.AreEqual(MessageFault.None, decoder.Decode(full, 0, full.Length, state));
            Assert.AreEqual(MessageFault.None, decoder.Decode(bare, 0, bare.Length, state));
            Assert.IsFalse(state.IsKnown);
            Assert.AreEqual(0, state.Modalities.Count);
            Assert.AreEqual(0, state.Granular.Count);
            Assert.AreEqual("", state.Burst);
            Assert.AreEqual("none", state.Baseline);
            Assert.IsNull(state.Valence);
            Assert.IsNull(state.Speaking);
        }

        [Test]
        public void ACopyIsOfItsOwn()
        {
            EmotionState state = Decoded(Frames.State(3));
            EmotionState copy = state.Copy();
            state.Clear();
            Assert.AreEqual("noisy", copy.Modalities["voice"].Condition);
            Assert.AreEqual(6.5, copy.Modalities["face"].Measures["snr_db"].Value);
            Assert.AreEqual(0.15, copy.GranularValue("frustration"));
            Assert.AreEqual("laugh", copy.Burst);
            Assert.AreEqual(3, copy.Sequence);
            Assert.IsNotNull(copy.Probability("anger"));
        }

        [Test]
        public void RoundingIsForgivenAndMoreIsNot()
        {
            Assert.AreEqual(MessageFault.None, Fault("confidence", 1 + 5e-7));
            Assert.AreEqual(MessageFault.Range, Fault("confidence", 1 + 5e-6));
            Assert.AreEqual(MessageFault.Range, Fault("captured_ns", -1));
            Assert.AreEqual(MessageFault.Type, Fault("captured_ns", 1.0));
        }

        [Test]
        public void TheNewestStateIsWholeAndNeverOlderThanTheOneBefore()
        {
            const int states = 200000;
            var newest = new NewestState();
            var writer = new Thread(() =>
            {
                for (int i = 1; i <= states; i++)
                {
                    newest.Writing.Sequence = newest.Writing.CapturedNs = newest.Writing.PublishedNs = i;
                    newest.Publish();
                }
            });
            writer.Start();
            long last = 0;
            for (bool more = true; more;)
            {
                more = writer.IsAlive; // looked at before the state, so that none comes after the last look
                if (newest.TryTake())
                {
                    EmotionState state = newest.Reading;
                    Assert.IsTrue(state.Sequence > last);
                    Assert.IsTrue(state.CapturedNs == state.Sequence && state.PublishedNs == state.Sequence, "torn");
                    last = state.Sequence;
                }
            }
            writer.Join();
            Assert.AreEqual(states, last, "the last one was lost");
        }

        private static EmotionState Decoded(byte[] frame)
        {
            var state = new EmotionState();
            Assert.AreEqual(MessageFault.None, new StateDecoder().Decode(frame, 0, frame.Length, state));
            return state;
        }

        private static MessageFault Fault(string field, object value)
        {
            var fields = new Dictionary<string, object>
            {
                { "captured_ns", 1 }, { "captured_wall", 1 }, { "label", "uncertain" }, { "confidence", 0 },
                { "modalities", new Dictionary<string, object>() },
            };
            fields[field] = value;
            byte[] frame = Frames.Frame(StateDecoder.Topic, fields);
            return new StateDecoder().Decode(frame, 0, frame.Length, new EmotionState());
        }
    }
}
