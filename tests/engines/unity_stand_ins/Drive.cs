// Drives the Unity layer through the lives that Unity gives it. Arguments: the case, and what it needs.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Rapport;
using Rapport.Editor;
using Rapport.Unity;
using UnityEngine;

internal static class Drive
{
    private const float FrameS = 1f / 60f;
    private const int PatienceS = 30;

    private static int Main(string[] arguments)
    {
        SynchronizationContext.SetSynchronizationContext(new MainThread());
        var cases = new Dictionary<string, Action<string[]>>
        {
            { "profile", Profile }, { "react", React }, { "cycles", Cycles }, { "mock", Mock },
            { "consent", Consent }, { "launch", Launch }, { "overlay", Overlay }, { "tavern", DriveTavern.Play }, { "talk", DriveTavern.Talk },
        };
        cases[arguments[0]](arguments.Skip(1).ToArray());
        Console.WriteLine("PASS");
        return 0;
    }

    // A profile through the asset and back, as JSON.
    private static void Profile(string[] arguments)
    {
        var profile = ScriptableObject.CreateInstance<RapportProfile>();
        profile.FromJson(System.IO.File.ReadAllText(arguments[0]));
        var again = ScriptableObject.CreateInstance<RapportProfile>();
        again.FromJson(profile.ToJson());
        Require(again.ToJson() == profile.ToJson(), "a profile changed on its way");
        Require(!ProfileMistakes.Of(profile).Any(), string.Join(" ", ProfileMistakes.Of(profile).ToArray()));
        profile.Reactions[0].Name = "no spaces";
        profile.Reactions[0].When = new RapportCondition { Kind = ConditionKind.All };
        Require(ProfileMistakes.Of(profile).Count() == 2, "two mistakes are two");
        Console.WriteLine("JSON " + again.ToJson());
    }

    // A real sidecar that plays a script: reactions reach the reactor, its bindings and waiting coroutines.
    private static void React(string[] arguments)
    {
        RapportClient client = Client(arguments[0]);
        var profile = ScriptableObject.CreateInstance<RapportProfile>();
        profile.FromJson(System.IO.File.ReadAllText(arguments[1]));
        var animator = new Animator();
        var mesh = new SkinnedMeshRenderer();
        RapportReactor reactor = new GameObject("Mira").AddComponent<RapportReactor>(made =>
        {
            made.Profile = profile;
            made.Bindings.Add(new RapportBinding { Reaction = "soothe", Animator = animator, Parameter = "soothe" });
            made.Bindings.Add(new RapportBinding { Reaction = "soothe", Mesh = mesh, BlendShape = "Smile", To = 100f });
        });
        var told = new List<string>();
        reactor.ReactionBegan += (name, strength, reaction) =>
        {
            told.Add("BEGAN " + reaction.Npc + " " + name);
            Console.WriteLine(told.Last() + ": " + reaction.WhyInWords());
        };
        reactor.ReactionEnded += (name, reaction) =>
        {
            told.Add("ENDED " + reaction.Npc + " " + name);
            Console.WriteLine(told.Last() + ": " + reaction.Reason);
        };
        int threads = 0;
        client.StateChanged += state => threads += Thread.CurrentThread.ManagedThreadId == 1 ? 0 : 1;
        var waiting = new WaitForReaction("soothe", "mira");
        float most = 0;
        Until(() =>
        {
            most = Math.Max(most, animator.Floats.TryGetValue("soothe", out float value) ? value : 0);
            return told.Contains("ENDED mira soothe");
        }, "no reaction ended");
        Require(!waiting.keepWaiting || waiting.Reaction != null || told.Count > 0, "nobody was woken");
        Require(most > 0.4f, "the animator was not moved: " + most);
        Require(threads == 0, "delivered on another thread");
        World.Frame(5f);
        World.Frame(5f);
        Require(animator.Floats["soothe"] == 0f && mesh.Weight == 0f, "not put back");
        // An edit while the game runs is pushed.
        profile.Reactions[0].Name = "calm_down";
        profile.Touch();
        Until(() => told.Contains("BEGAN mira calm_down"), "the edit was not pushed");
        foreach (RapportOverlay overlay in new[] { new GameObject("overlay").AddComponent<RapportOverlay>() })
        {
            overlay.Shown = true;
            World.Draw();
        }
        Require(GUI.Drawn.Contains("frustration") && GUI.Drawn.Any(text => text.StartsWith("mira: calm_down")), "the overlay shows nothing");
        UnityEngine.Object.Destroy(client.gameObject);
        Require(RapportClient.Instance == null, "the client is still there");
    }

    // Twenty times into play mode and out, without a domain reload.
    private static void Cycles(string[] arguments)
    {
        int before = Threads();
        for (int cycle = 0; cycle < 20; cycle++)
        {
            RapportClient client = Client(arguments[0]);
            GameObject second = new GameObject("second");
            second.AddComponent<RapportClient>();
            Require(RapportClient.Instance == client, "a second client took over");
            if (cycle % 5 == 0)
            {
                Until(() => client.IsConnected, "not connected in cycle " + cycle);
            }
            World.Frame(FrameS);
            UnityEngine.Object.Destroy(client.gameObject);
            Require(RapportClient.Instance == null, "not gone in cycle " + cycle);
            World.Frame(FrameS);
        }
        Thread.Sleep(200);
        Console.WriteLine("THREADS " + before + " " + Threads());
        Require(Threads() <= before + 3, "threads were left");
    }

    // Nobody runs: a mood, and reactions by levels.
    private static void Mock(string[] arguments)
    {
        RapportClient client = Client(arguments[0]);
        var profile = ScriptableObject.CreateInstance<RapportProfile>();
        profile.FromJson(System.IO.File.ReadAllText(arguments[1]));
        RapportReactor reactor = new GameObject("Mira").AddComponent<RapportReactor>(made => made.Profile = profile);
        RapportMock mock = new GameObject("mock").AddComponent<RapportMock>();
        var monitor = new RapportMonitor();
        Frames(30);
        Require(!client.State.IsKnown, "a mood out of nothing");
        mock.SetMood("angry");
        Frames(30);
        Require(client.State.Label == "anger" && reactor.IsActive("soothe"), "anger does not soothe");
        Require(reactor.StrengthOf("soothe") > 0.8f, "weak");
        World.Call(monitor, "OnGUI");
        Require(GUI.Drawn.Any(text => text.StartsWith("Mood")), "the monitor shows no mood");
        mock.SetMood("");
        Frames(30);
        Require(!reactor.IsActive("soothe"), "unknown goes on");
    }

    // What the overlay says of a dialogue, and that it says nothing where nothing is known.
    private static void Overlay(string[] arguments)
    {
        RapportClient client = Client(arguments[0]);
        new GameObject("overlay").AddComponent<RapportOverlay>().Shown = true;
        World.Draw();
        string[] shown = { "sarcasm", "happiness → anger odo.price", "betrayal · escalating", "9 lines, odo.price (player), silent for 2.5 s, reads anger" };
        Require(!shown.Any(GUI.Drawn.Contains) && GUI.Drawn.Contains("incongruence"), "something out of nothing");
        var state = new EmotionState { Incongruence = 0.8 };
        state.Mood.Set(-0.25, 0.5, -0.5, 0.1, 0.3, 0.9);
        state.Contradiction.Kind = "sarcasm";
        state.Contradiction.Strength = 0.8;
        state.Contradiction.Before = "happiness";
        state.Contradiction.After = "anger";
        state.Contradiction.Line = state.Conversation.Line = "odo.price";
        MomentState moment = state.Moments.Add("betrayal");
        moment.Course = "escalating";
        moment.Strength = 0.65;
        state.Conversation.IsKnown = true;
        state.Conversation.Utterances = 9;
        state.Conversation.Role = "player";
        state.Conversation.PauseS = 2.5;
        state.Conversation.Reading.Set(new double[] { 0.2, 0, 0, 0.1, 0.7, 0, 0, 0 });
        client.FeedState(state);
        GUI.Drawn.Clear();
        World.Draw();
        foreach (string text in shown.Concat(new[] { "mood, minutes", "-0.50", "0.65", "0.80" }))
        {
            Require(GUI.Drawn.Contains(text), text + " is missing in " + string.Join("|", GUI.Drawn.ToArray()));
        }
        Require(!GUI.Drawn.Contains("incongruence"), "it has a name now");
    }

    // The panel asks with the sidecar's own text; what is captured is shown.
    private static void Consent(string[] arguments)
    {
        Client(arguments[0]);
        RapportConsentPanel panel = new GameObject("panel").AddComponent<RapportConsentPanel>();
        RapportIndicator indicator = new GameObject("indicator").AddComponent<RapportIndicator>();
        var answers = new List<string>();
        panel.Answered += granted => answers.Add(string.Join("+", granted.ToArray()));
        Until(() => panel.IsOpen, "it did not ask");
        GUI.Drawn.Clear();
        World.Draw();
        string body = string.Join("\n", GUI.Drawn.ToArray());
        Require(body.Contains("A Unity game"), "the text does not name the game");
        panel.Agree();
        Frames(5);
        Require(answers.Count == 0 && panel.IsOpen, "nothing was ticked, and yet it was allowed");
        panel.Tick("camera", true);
        panel.Agree();
        Until(() => answers.Count == 1, "no answer");
        Require(answers[0] == "camera", answers[0]);
        panel.Open();
        Frames(60);
        GUI.Drawn.Clear();
        World.Draw();
        Require(GUI.Drawn.Contains("Take back"), "what is allowed cannot be taken back");
        bool revoked = false;
        panel.Revoked += permission => revoked = permission == "camera";
        panel.Revoke("camera");
        Until(() => revoked, "not revoked");
        panel.Decline();
        Require(answers.Last() == "", "a no is no yes");
        Console.WriteLine("INDICATOR " + indicator.Said);
    }

    // The sidecar is started where none runs.
    private static void Launch(string[] arguments)
    {
        RapportClient client = new GameObject("client").AddComponent<RapportClient>(made =>
        {
            World.Set(made, "_runtimeDirectory", arguments[0]);
            World.Set(made, "_command", arguments[1]);
            World.Set(made, "_arguments", arguments.Skip(2).ToArray());
        });
        Until(() => client.IsConnected, "it was not started");
        Console.WriteLine("PID " + client.Connection.Welcome.Integer("pid"));
        Until(() => client.Status.Applications.Count == 1, "no lease is held");
        UnityEngine.Object.Destroy(client.gameObject);
    }

    private static RapportClient Client(string runtime)
    {
        return new GameObject("client").AddComponent<RapportClient>(made =>
        {
            World.Set(made, "_runtimeDirectory", runtime);
            World.Set(made, "_autostart", false);
        });
    }

    private static void Frames(int count)
    {
        for (int i = 0; i < count; i++)
        {
            World.Frame(FrameS);
            MainThread.Run();
            Thread.Sleep(5);
        }
    }

    private static void Until(Func<bool> so, string otherwise)
    {
        for (DateTime end = DateTime.UtcNow.AddSeconds(PatienceS); !so();)
        {
            Require(DateTime.UtcNow < end, otherwise);
            Frames(1);
        }
    }

    private static void Require(bool so, string otherwise)
    {
        if (!so)
        {
            Console.WriteLine("FAIL: " + otherwise);
            Console.WriteLine(string.Join("\n", Debug.Said.ToArray()));
            Environment.Exit(1);
        }
    }

    private static int Threads()
    {
        return System.IO.Directory.Exists("/proc/self/task") ? System.IO.Directory.GetDirectories("/proc/self/task").Length : 0;
    }

    // Unity's context: what is awaited goes on in the main thread's next frame.
    private sealed class MainThread : SynchronizationContext
    {
        private static readonly System.Collections.Concurrent.ConcurrentQueue<Action> Waiting =
            new System.Collections.Concurrent.ConcurrentQueue<Action>();

        public override void Post(SendOrPostCallback call, object with) => Waiting.Enqueue(() => call(with));

        public static void Run()
        {
            while (Waiting.TryDequeue(out Action call))
            {
                call();
            }
        }
    }
}
