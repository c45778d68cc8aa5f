using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>Lets a coroutine wait until a reaction begins: `yield return new WaitForReaction("comfort")`.</summary>
    public sealed class WaitForReaction : CustomYieldInstruction
    {
        private readonly string _name;
        private readonly string _npc;

        /// <param name="reactionName">The reaction.</param>
        /// <param name="npc">Of this character; empty: of anybody.</param>
        public WaitForReaction(string reactionName, string npc = "")
        {
            _name = reactionName;
            _npc = npc;
        }

        /// <summary>The reaction that was waited for; null before.</summary>
        public Reaction Reaction { get; private set; }

        public override bool keepWaiting
        {
            get
            {
                RapportClient client = RapportClient.Instance;
                if (client != null)
                {
                    foreach (Reaction active in client.ActiveReactions)
                    {
                        if (active.Name == _name && (_npc.Length == 0 || active.Npc == _npc))
                        {
                            Reaction = active;
                        }
                    }
                }
                return Reaction == null;
            }
        }
    }
}
