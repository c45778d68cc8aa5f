#if RAPPORT_INK
using Ink.Runtime;
using Rapport.Unity;

/// <summary>What the player feels, in Ink stories.</summary>
/// <remarks>
/// In a story: `EXTERNAL player_feels(signal, level)` and `{player_feels("frustration", 0.5): …}`; likewise
/// `EXTERNAL reacting(npc, reaction)` and, to name a moment, `EXTERNAL mark(moment)` and `~ mark("betrayal")`. Call <see cref="Bind"/> once after the story is made.
/// </remarks>
public static class RapportInk
{
    public static void Bind(Story story)
    {
        story.BindExternalFunction("player_feels", (string signal, float level) => PlayerFeels(signal, level), true);
        story.BindExternalFunction("reacting", (string npc, string reaction) => Reacting(npc, reaction), true);
        story.BindExternalFunction("mark", (string moment) => Mark(moment), false);
    }

    /// <summary>Whether a signal is at least this high; false while it is not known.</summary>
    public static bool PlayerFeels(string signal, float level)
    {
        RapportClient client = RapportClient.Instance;
        return client != null && client.PlayerFeels(signal, level);
    }

    /// <summary>Whether a reaction of a character goes on.</summary>
    public static bool Reacting(string npc, string reaction)
    {
        RapportClient client = RapportClient.Instance;
        return client != null && client.IsReacting(npc, reaction);
    }

    /// <summary>Names a moment: from now on the state says how the player has taken it.</summary>
    public static void Mark(string moment)
    {
        RapportClient client = RapportClient.Instance;
        if (client != null)
        {
            client.Mark(moment);
        }
    }
}
#endif
