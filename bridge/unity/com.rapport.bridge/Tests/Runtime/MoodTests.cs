using NUnit.Framework;
using Rapport.Unity;
using UnityEngine;

namespace Rapport.Tests
{
    public sealed class MoodTests
    {
        [Test]
        public void EveryMoodIsAStateThatTheProtocolAllows()
        {
            var state = new EmotionState();
            foreach (var mood in Mood.Named)
            {
                Mood.Write(mood.Value, state);
                double sum = 0;
                foreach (string label in Vocabulary.Labels)
                {
                    sum += state.Probability(label) ?? -1;
                }
                Assert.IsTrue(System.Math.Abs(sum - 1) < 1e-9, mood.Key);
                Assert.IsTrue(state.Valence >= -1 && state.Valence <= 1, mood.Key);
                Assert.AreEqual(state.Valence, state.Mood.LongValence, mood.Key);
                Assert.AreEqual(mood.Value.Value, state.GranularValue(mood.Value.Granular), mood.Key);
            }
        }

        [Test]
        public void WhoPrefersNotToSayIsUnknown()
        {
            var state = new EmotionState();
            Mood.Write(Mood.Named["angry"], state);
            Mood.Write(null, state);
            Assert.IsFalse(state.IsKnown);
            Assert.IsNull(state.GranularValue("frustration"));
            Assert.IsNull(state.Mood.Valence);
        }

        [Test]
        public void ABindingFollowsAndGoesBack()
        {
            float seen = -1;
            var binding = new RapportBinding { From = 2f, To = 4f, SmoothingS = 0f };
            binding.Value.AddListener(value => seen = value);
            binding.Move(0.5f, 0.02f);
            Assert.AreEqual(3f, seen);
            binding.Restore();
            Assert.AreEqual(2f, seen);
        }

        [Test]
        public void WaitingEndsWhenTheReactionBegins()
        {
            Assert.IsTrue(new WaitForReaction("comfort").keepWaiting);
        }
    }
}
