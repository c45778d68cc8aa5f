namespace Rapport
{
    /// <summary>Where the dialogue stands.</summary>
    public sealed class ConversationState
    {
        /// <summary>Whether anything was said so far.</summary>
        public bool IsKnown { get; set; }

        /// <summary>How much was said so far, by anybody.</summary>
        public long Utterances { get; set; }

        /// <summary>The game's own id of the newest line; empty: it has none.</summary>
        public string Line { get; set; } = "";

        /// <summary>Who said it: `player` or `npc`; empty: nothing was said yet.</summary>
        public string Role { get; set; } = "";

        /// <summary>How long nobody has spoken, in seconds; null: somebody speaks, or nothing was said yet.</summary>
        public double? PauseS { get; set; }

        /// <summary>What the player's newest words express, after all that was said before them.</summary>
        public Distribution Reading { get; } = new Distribution();

        /// <summary>What the dialogue so far lets expect of the player now.</summary>
        public Distribution Expected { get; } = new Distribution();

        internal void Clear()
        {
            IsKnown = false;
            Utterances = 0;
            Line = Role = "";
            PauseS = null;
            Reading.Clear();
            Expected.Clear();
        }

        internal void CopyFrom(ConversationState other)
        {
            IsKnown = other.IsKnown;
            Utterances = other.Utterances;
            Line = other.Line;
            Role = other.Role;
            PauseS = other.PauseS;
            Reading.CopyFrom(other.Reading);
            Expected.CopyFrom(other.Expected);
        }
    }

    /// <summary>That the player's newest words are not to be taken at their word.</summary>
    public sealed class ContradictionState
    {
        /// <summary>What it seems to be, one of <see cref="Vocabulary.Contradictions"/>; empty: there is none.</summary>
        public string Kind { get; set; } = "";

        /// <summary>How sure that is, 0 … 1.</summary>
        public double Strength { get; set; }

        /// <summary>The label that words, voice and face would have, had nobody noticed.</summary>
        public string Before { get; set; } = "";

        /// <summary>The label that they have now that it is known.</summary>
        public string After { get; set; } = "";

        /// <summary>The game's own id of the line; empty: it has none.</summary>
        public string Line { get; set; } = "";

        internal void Clear()
        {
            Kind = Before = After = Line = "";
            Strength = 0;
        }

        internal void CopyFrom(ContradictionState other)
        {
            Kind = other.Kind;
            Strength = other.Strength;
            Before = other.Before;
            After = other.After;
            Line = other.Line;
        }
    }
}
