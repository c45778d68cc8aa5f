using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Rapport.Tests
{
    /// <summary>A connection without any sidecar: what a game may rely on all the same.</summary>
    public sealed class ConnectionTests
    {
        private static readonly string Nowhere = Path.Combine(Path.GetTempPath(), "rapport-no-such-folder");

        [Test]
        public void AnIdIsAName()
        {
            foreach (string id in new[] { "", ".a", "-a", "a b", "a.", "ä", new string('a', 65) })
            {
                Assert.Catch<ArgumentException>(() => new RapportConnection(id, "Game"));
            }
            Assert.AreEqual("org.example.game-1", new RapportConnection("org.example.game-1", "Game").App);
            Assert.Catch<ArgumentException>(() => new RapportConnection("a", ""));
        }

        [Test]
        public void WithoutASidecarNothingIsKnownAndNothingFails()
        {
            using (var connection = new RapportConnection("game", "Game", Nowhere))
            {
                connection.Pump();
                Task<Reply> early = connection.Ask("status");
                Assert.AreEqual("stopped", early.Result.Code);
                connection.Start();
                Task<Reply> asked = connection.SetProfile("mira", "{}");
                Assert.IsFalse(asked.IsCompleted, "an answer came outside of Pump");
                connection.Pump();
                Assert.AreEqual("sidecar_not_found", asked.Result.Code);
                Assert.IsFalse(connection.State.IsKnown);
                Assert.IsFalse(connection.IsConnected);
                Assert.AreEqual(0, connection.Status.Capturing.Count);
            }
        }

        [Test]
        public void WhatIsFedIsDelivered()
        {
            var connection = new RapportConnection("game", "Game", Nowhere);
            var heard = new List<string>();
            connection.StateChanged += state => heard.Add("state " + state.Label);
            connection.ConditionChanged += (modality, now, before) => heard.Add(modality + " " + before + ">" + now);
            connection.EventReceived += happened => heard.Add(happened.Kind);
            connection.ReactionBegan += reaction => heard.Add("began " + reaction.Name);
            connection.ReactionUpdated += reaction => heard.Add("updated " + reaction.Strength);
            connection.ReactionEnded += reaction => heard.Add("ended " + reaction.Name);
            Task<Reaction> waiting = connection.WaitFor("comfort", "mira");
            Task<Reaction> other = connection.WaitFor("comfort", "somebody else");

            var state2 = new EmotionState { Label = "anger" };
            state2.Modalities.Add("face").Condition = "ok";
            connection.FeedState(state2);
            state2.Clear();
            Assert.AreEqual("anger", connection.State.Label);
            connection.FeedEvent(Reaction("reaction_began", "game", 0.5));
            connection.FeedEvent(Reaction("reaction_began", "another game", 0.5));
            Assert.AreEqual(1, connection.ActiveReactions.Count);
            Assert.IsTrue(connection.WaitFor("comfort").IsCompleted, "it goes on already");
            connection.FeedEvent(Reaction("reaction_updated", "game", 0.75));
            connection.FeedEvent(Reaction("reaction_ended", "", 0.25));
            Assert.AreEqual(0, connection.ActiveReactions.Count);
            Assert.AreEqual("comfort", waiting.Result.Name);
            Assert.IsFalse(other.IsCompleted);
            Assert.AreEqual(
                "face >ok, state anger, reaction_began, began comfort, reaction_began, "
                + "reaction_updated, updated 0.75, reaction_ended, ended comfort",
                string.Join(", ", heard));
        }

        [Test]
        public void AHandlerThatFailsLosesOnlyItself()
        {
            var connection = new RapportConnection("game", "Game", Nowhere);
            var inbox = new Inbox(connection);
            var heard = new List<long>();
            connection.EventReceived += happened => heard.Add(happened.Sequence);
            connection.EventReceived += happened =>
            {
                if (happened.Sequence == 1)
                {
                    throw new InvalidOperationException("a mistake of the game");
                }
            };
            for (int i = 1; i <= 3; i++)
            {
                inbox.OnEvent(new RapportEvent { Kind = "status", Sequence = i });
            }
            Assert.AreEqual(3, inbox.EventsWaiting);
            Assert.Catch<InvalidOperationException>(inbox.Deliver);
            inbox.Deliver();
            Assert.AreEqual("1, 2, 3", string.Join(", ", heard));
            Assert.AreEqual(0, inbox.EventsWaiting);
        }

        [Test]
        public void StoppingAnswersWhoeverWaits()
        {
            var connection = new RapportConnection("game", "Game", Nowhere);
            connection.Start();
            Task<Reply> asked = connection.Ask("status");
            Task<Reaction> waiting = connection.WaitFor("comfort");
            connection.Stop();
            connection.Stop();
            Assert.AreEqual("stopped", asked.Result.Code);
            Assert.IsTrue(waiting.IsCanceled);
            connection.Start();
            connection.Stop();
        }

        [Test]
        public void WhyIsSaidInWords()
        {
            Reaction reaction = Reaction("reaction_began", "game", 1).Reaction;
            reaction.Why.Add(new Cause { Signal = "frustration", Value = 0.724, Level = 0.6, Modality = "voice" });
            reaction.Why.Add(new Cause { Signal = "face.condition", Word = "ok" });
            reaction.Why.Add(new Cause { Signal = "valence" });
            Assert.AreEqual("frustration 0.72 above 0.60 (voice), face.condition ok, valence unknown", reaction.WhyInWords());
        }

        private static RapportEvent Reaction(string kind, string app, double strength)
        {
            var reaction = new Reaction { Name = "comfort", Npc = "mira", Firing = 7, Strength = strength, App = app };
            return new RapportEvent { Kind = kind, Reaction = reaction };
        }
    }
}
