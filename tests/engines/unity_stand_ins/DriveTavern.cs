// Plays the Unity sample without Unity. Arguments: the folder of its resources, and of the sidecar's file.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Rapport.Unity;
using Tavern;
using UnityEngine;

internal static class DriveTavern
{
    private const float FrameS = 1f / 60f;

    public static void Play(string[] arguments)
    {
        Resources.Folder = arguments[0];
        Environment.SetEnvironmentVariable("RAPPORT_WIRE__RUNTIME_DIRECTORY", arguments[1]);
        TavernGame game = new GameObject("game").AddComponent<TavernGame>();
        World.Set(RapportClient.Instance, "_autostart", false);
        Require(game.People.Count == 3, "three people");
        Frames(20);
        RapportMock mock = UnityEngine.Object.FindObjectOfType<RapportMock>();
        var seen = new List<string>();
        foreach (string mood in new[] { "sad", "calm", "angry", "calm", "sceptical", "calm", "amused" })
        {
            mock.SetMood(mood);
            Frames(90);
            foreach (Person person in game.People)
            {
                seen.AddRange(person.Reactions.Select(reaction => person.Title + " " + reaction));
            }
        }
        foreach (string wanted in new[] { "Mira comfort", "Mira give_space", "Mira celebrate", "Odo offer_proof" })
        {
            Require(seen.Contains(wanted), wanted + " is missing in " + string.Join(", ", seen.Distinct().ToArray()));
        }
        // By keyboard: walk to Mira, talk, choose.
        Input.Axis = new Vector2(-1, 1);
        Frames(40);
        Input.Axis = Vector2.zero;
        Input.Down = KeyCode.E;
        Frames(1);
        Input.Down = KeyCode.None;
        Require(game.Talk.IsOpen, "nobody to talk to");
        World.Draw();
        Require(GUI.Drawn.Any(text => text.StartsWith("Mira:")), "Mira says nothing");
        Event.current = new Event { type = EventType.KeyDown, keyCode = KeyCode.Alpha1 };
        GUI.Drawn.Clear();
        World.Draw();
        Event.current = new Event();
        GUI.Drawn.Clear();
        World.Draw();
        Require(GUI.Drawn.Any(text => text.StartsWith("Mira:  Nearly")), string.Join("|", GUI.Drawn.ToArray()));
        var sound = new float[4096];
        Lute lute = UnityEngine.Object.FindObjectOfType<Lute>();
        typeof(Lute).GetMethod("OnAudioFilterRead", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)
            .Invoke(lute, new object[] { sound, 2 });
        Require(sound.Any(value => Math.Abs(value) > 0.001f), "the lute is silent");
    }

    // A talk while a sidecar listens: what it is told of it.
    public static void Talk(string[] arguments)
    {
        Resources.Folder = arguments[0];
        Environment.SetEnvironmentVariable("RAPPORT_WIRE__RUNTIME_DIRECTORY", arguments[1]);
        TavernGame game = new GameObject("game").AddComponent<TavernGame>();
        World.Set(RapportClient.Instance, "_autostart", false);
        for (int i = 0; i < 1000 && !RapportClient.Instance.IsConnected; i++)
        {
            Frames(1);
            Thread.Sleep(20);
        }
        Require(RapportClient.Instance.IsConnected, "not connected");
        game.Talk.Begin(game.People[0]);
        game.Talk.Choose(0);
        for (int i = 0; i < 50; i++)
        {
            Frames(1);
            Thread.Sleep(20);
        }
        UnityEngine.Object.Destroy(RapportClient.Instance.gameObject);
    }

    private static void Frames(int count)
    {
        for (int i = 0; i < count; i++)
        {
            World.Frame(FrameS);
            Thread.Sleep(1);
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
}
