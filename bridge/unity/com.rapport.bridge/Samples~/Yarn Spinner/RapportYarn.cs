#if RAPPORT_YARN_SPINNER
using System.Collections;
using Rapport.Unity;
using UnityEngine;
using Yarn.Unity;

/// <summary>What the player feels, in Yarn scripts.</summary>
/// <remarks>
/// In a script: `&lt;&lt;if player_feels("frustration", 0.5)&gt;&gt;`, `&lt;&lt;if reacting("mira", "comfort")&gt;&gt;`,
/// `&lt;&lt;wait_for_reaction comfort mira 10&gt;&gt;`, `&lt;&lt;mark betrayal&gt;&gt;`.
/// </remarks>
public static class RapportYarn
{
    /// <summary>Whether a signal is at least this high; false while it is not known.</summary>
    [YarnFunction("player_feels")]
    public static bool PlayerFeels(string signal, float level)
    {
        RapportClient client = RapportClient.Instance;
        return client != null && client.PlayerFeels(signal, level);
    }

    /// <summary>Whether a reaction of a character goes on.</summary>
    [YarnFunction("reacting")]
    public static bool Reacting(string npc, string reaction)
    {
        RapportClient client = RapportClient.Instance;
        return client != null && client.IsReacting(npc, reaction);
    }

    /// <summary>Names a moment: from now on the state says how the player has taken it.</summary>
    [YarnCommand("mark")]
    public static void Mark(string moment)
    {
        RapportClient client = RapportClient.Instance;
        if (client != null)
        {
            client.Mark(moment);
        }
    }

    /// <summary>Waits until a reaction begins, or the seconds are over: a player who refuses must not be stuck.</summary>
    [YarnCommand("wait_for_reaction")]
    public static IEnumerator WaitForReaction(string reaction, string npc = "", float atMostS = 10f)
    {
        var waiting = new WaitForReaction(reaction, npc);
        for (float left = atMostS; left > 0 && waiting.keepWaiting; left -= Time.deltaTime)
        {
            yield return null;
        }
    }
}
#endif
