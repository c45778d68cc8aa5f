using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using Rapport.Editor;
using Rapport.Unity;
using UnityEngine;

namespace Rapport.Tests
{
    public sealed class ProfileTests
    {
        private const string Written =
            "{\"title\": \"Mira\", \"reaction\": {\"comfort\": {\"group\": \"mood\", \"priority\": 2, \"when\": {\"all\": ["
            + "{\"signal\": \"frustration\", \"enter\": 0.6, \"exit\": 0.4, \"for_s\": 1.5},"
            + "{\"not\": {\"signal\": \"speaking\", \"is\": true}},"
            + "{\"signal\": \"face.condition\", \"is\": [\"ok\", \"noisy\"], \"unknown\": \"ignore\"}]}}}}";

        [Test]
        public void AProfileIsReadIntoTheAsset()
        {
            RapportRule rule = Read(Written).Reactions[0];
            Assert.AreEqual("comfort", rule.Name);
            Assert.AreEqual(2, rule.Priority);
            Assert.AreEqual("mood", rule.Group);
            Assert.AreEqual(ConditionKind.All, rule.When.Kind);
            RapportCondition level = rule.When.Parts[0], not = rule.When.Parts[1], word = rule.When.Parts[2];
            Assert.AreEqual("frustration", level.Signal);
            Assert.AreEqual(0.4f, level.Exit);
            Assert.AreEqual(ConditionKind.Not, not.Kind);
            Assert.IsTrue(not.Parts[0].Flag);
            Assert.AreEqual("ok noisy", string.Join(" ", word.Words.ToArray()));
            Assert.AreEqual(WhenUnknown.Ignore, word.Unknown);
        }

        [Test]
        public void ALevelWithoutAnExitHasTheSidecars()
        {
            foreach (var told in new Dictionary<string, float> { { "frustration", 0.4f }, { "mood.long_valence", 0.3f }, { "conversation.pause_s", 0.25f } })
            {
                RapportRule rule = Read("{\"reaction\": {\"a\": {\"when\": {\"signal\": \"" + told.Key + "\", \"enter\": 0.5}}}}").Reactions[0];
                Assert.AreEqual(told.Value, rule.When.Exit, told.Key);
            }
        }

        [Test]
        public void AProfileComesBackAsItWas()
        {
            string once = Read(Written).ToJson();
            Assert.AreEqual(once, Read(once).ToJson());
        }

        [Test]
        public void WhatIsNoProfileIsRefused()
        {
            bool refused = false;
            try
            {
                Read("[1, 2");
            }
            catch (FormatException)
            {
                refused = true;
            }
            Assert.IsTrue(refused);
        }

        [Test]
        public void MistakesAreSaid()
        {
            RapportProfile profile = Read(Written);
            Assert.AreEqual(0, ProfileMistakes.Of(profile).Count());
            profile.Reactions[0].When.Parts[0].Exit = profile.Reactions[0].When.Parts[0].Enter;
            profile.Reactions[0].When.Parts[1].Parts.Clear();
            Assert.AreEqual(2, ProfileMistakes.Of(profile).Count());
        }

        [Test]
        public void ASignalThatThereIsNotIsSaid()
        {
            RapportProfile profile = Read(Written);
            RapportCondition level = profile.Reactions[0].When.Parts[0];
            level.Signal = "frustraton";
            Assert.AreEqual("comfort: there is no signal 'frustraton'.", ProfileMistakes.Of(profile).Single());
            level.Signal = "moment.betrayal";
            Assert.AreEqual("comfort: moment.betrayal is a word, and no number.", ProfileMistakes.Of(profile).Single());
            level.Signal = "context.anything";
            Assert.AreEqual(0, ProfileMistakes.Of(profile).Count());
        }

        [Test]
        public void AnEditIsTold()
        {
            RapportProfile profile = Read(Written);
            int told = 0;
            profile.Changed += () => told++;
            profile.Touch();
            Assert.AreEqual(1, told);
        }

        private static RapportProfile Read(string json)
        {
            RapportProfile profile = ScriptableObject.CreateInstance<RapportProfile>();
            profile.FromJson(json);
            return profile;
        }
    }
}
