using System.Collections.Generic;
using System.Threading;
using NUnit.Framework;

namespace Rapport.Tests
{
    public sealed class StateTests
    {
        private static readonly string[] OfDialogue =
        {
            "mood.valence", "mood.volatility", "contradiction", "contradiction.strength", "conversation.pause_s",
            "conversation.role", "conversation.line", "moment.betrayal", "moment.betrayal.strength",
        };

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
            foreach (string signal in OfDialogue)
            {
                Assert.IsNull(state.ValueOf(signal), signal);
                Assert.AreEqual("", state.WordOf(signal), signal);
            }
            Assert.IsNull(state.Mood.Valence);
            Assert.IsFalse(state.Conversation.IsKnown);
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
        public void TheDialogueHasSignalsToo()
        {
            EmotionState state = Decoded(Frames.State(3));
            Assert.AreEqual(-0.15, state.ValueOf("mood.valence"));
            Assert.AreEqual(0.25, state.ValueOf("mood.long_arousal"));
            Assert.AreEqual(0.7, state.ConfidenceOf("mood.volatility"));
            Assert.IsNull(state.ValueOf("mood.colour"));
            Assert.AreEqual("sarcasm", state.WordOf("contradiction"));
            Assert.AreEqual(0.75, state.ValueOf("contradiction.strength"));
            Assert.AreEqual(0.75, state.ConfidenceOf("contradiction"));
            Assert.AreEqual("player", state.WordOf("conversation.role"));
            Assert.AreEqual(Frames.Line(3), state.WordOf("conversation.line"));
            Assert.AreEqual(1.5, state.ValueOf("conversation.pause_s"));
            Assert.AreEqual(0, Decoded(Frames.State(2)).ValueOf("conversation.pause_s"), "somebody speaks");
            Assert.AreEqual(0.9, state.ValueOf("appraisal.quality"));
        }

        [Test]
        public void AContradictionThatThereIsNotIsKnownWhereItCouldBeTold()
        {
            var state = new EmotionState { Incongruence = 0.1 };
            Assert.AreEqual("none", state.WordOf("contradiction"));
            Assert.AreEqual(0, state.ValueOf("contradiction.strength"));
            Assert.AreEqual(1, state.ConfidenceOf("contradiction"));
        }

        [Test]
        public void AMomentIsAskedForByItsName()
        {
            EmotionState state = Decoded(Frames.State(3));
            Assert.AreEqual("escalating", state.WordOf("moment.betrayal"));
            Assert.AreEqual(0.65, state.ValueOf("moment.betrayal.strength"));
            Assert.AreEqual(0.8, state.ConfidenceOf("moment.betrayal.strength"));
            Assert.IsNull(state.ValueOf("moment.betrayal"));
            foreach (string other in new[] { "moment.betray", "moment.betrayals", "moment.", "moment", "moment.strength" })
            {
                Assert.AreEqual("", state.WordOf(other), other);
                Assert.IsNull(state.ValueOf(other), other);
            }
            // Too little is known of the other one; its name could only be asked for its strength.
            Assert.IsNull(state.ValueOf("moment.boss.strength.strength"));
            state.Moments["boss.strength"].Course = "steady";
            Assert.AreEqual(0, state.ValueOf("moment.boss.strength.strength"));
            Assert.AreEqual("", state.WordOf("moment.boss.strength"));
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
            Assert.AreEqual("", state.Contradiction.Kind + state.Contradiction.Line + state.Conversation.Line);
            Assert.IsFalse(state.Mood.IsKnown || state.Conversation.IsKnown || state.Conversation.Reading.IsKnown);
            Assert.AreEqual(0, state.Moments.Count);
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
            Assert.AreEqual("anger", copy.Contradiction.After);
            Assert.AreEqual(-0.5, copy.Mood.LongValence);
            Assert.AreEqual(12.5, copy.Moments["betrayal"].SinceS);
            Assert.AreEqual(3, copy.Conversation.Utterances);
            Assert.AreEqual(0.85, copy.Conversation.Reading[Emotion.Neutral]);
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
        public void HalfAMoodIsNoMood()
        {
            Assert.AreEqual(MessageFault.Missing, Fault("mood", new Dictionary<string, object> { { "valence", 0.5 } }));
            Assert.AreEqual(MessageFault.Missing, Fault("contradiction", new Dictionary<string, object> { { "kind", "masking" } }));
            var moment = new Dictionary<string, object>
            {
                { "course", "a newer word" }, { "strength", 0.5 }, { "confidence", 0.5 }, { "since_s", 1 },
            };
            var moments = new Dictionary<string, object> { { "betrayal", moment } };
            Assert.AreEqual(MessageFault.None, Fault("moments", moments));
            moment["since_s"] = -1;
            Assert.AreEqual(MessageFault.Range, Fault("moments", moments));
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
