using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Rapport
{
    /// <content>Events, and the reactions that they tell of.</content>
    public sealed partial class RapportConnection
    {
        private readonly List<Reaction> _active = new List<Reaction>();
        private readonly List<Waiting> _waitingFor = new List<Waiting>();

        /// <summary>The reactions that go on just now.</summary>
        public IReadOnlyList<Reaction> ActiveReactions => _active;

        /// <summary>
        /// Waits until a reaction begins, of one character or of anybody. Done at once if it goes on
        /// already; cancelled when the connection is stopped.
        /// </summary>
        public Task<Reaction> WaitFor(string reactionName, string npc = "")
        {
            var waiting = new Waiting(reactionName, npc);
            foreach (Reaction reaction in _active)
            {
                if (waiting.Matches(reaction))
                {
                    return Task.FromResult(reaction);
                }
            }
            _waitingFor.Add(waiting);
            return waiting.Begun.Task;
        }

        private void Deliver(RapportEvent happened)
        {
            EventReceived?.Invoke(happened);
            if (happened.Reaction != null && (happened.Reaction.App.Length == 0 || happened.Reaction.App == App))
            {
                Deliver(happened.Kind, happened.Reaction);
            }
            if (IsConnected && Array.IndexOf(StatusKinds, happened.Kind) >= 0)
            {
                AskStatus(Array.IndexOf(ConsentKinds, happened.Kind) >= 0);
            }
        }

        private void Deliver(string kind, Reaction reaction)
        {
            _active.RemoveAll(one => one.Firing == reaction.Firing && one.Npc == reaction.Npc && one.Name == reaction.Name);
            if (kind == "reaction_ended")
            {
                ReactionEnded?.Invoke(reaction);
                return;
            }
            _active.Add(reaction);
            if (kind == "reaction_began")
            {
                EndWaitingFor(reaction);
                ReactionBegan?.Invoke(reaction);
            }
            else
            {
                ReactionUpdated?.Invoke(reaction);
            }
        }

        // Nobody will end the reactions of a sidecar that is gone.
        private void EndActive()
        {
            var ended = new List<Reaction>(_active);
            _active.Clear();
            foreach (Reaction reaction in ended)
            {
                reaction.Reason = Codes.Stopped;
                ReactionEnded?.Invoke(reaction);
            }
        }

        private void EndWaitingFor(Reaction reaction)
        {
            foreach (Waiting waiting in _waitingFor.FindAll(one => one.Matches(reaction)))
            {
                _waitingFor.Remove(waiting);
                waiting.Begun.TrySetResult(reaction);
            }
        }

        private void EndWaitingFor()
        {
            var waiting = new List<Waiting>(_waitingFor);
            _waitingFor.Clear();
            foreach (Waiting one in waiting)
            {
                one.Begun.TrySetCanceled();
            }
        }

        private sealed class Waiting
        {
            public readonly TaskCompletionSource<Reaction> Begun = new TaskCompletionSource<Reaction>();
            private readonly string _name;
            private readonly string _npc;

            public Waiting(string name, string npc)
            {
                _name = name;
                _npc = npc;
            }

            public bool Matches(Reaction reaction)
            {
                return reaction.Name == _name && (_npc.Length == 0 || reaction.Npc == _npc);
            }
        }
    }
}
