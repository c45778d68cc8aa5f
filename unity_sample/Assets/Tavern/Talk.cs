using System.Collections.Generic;
using Rapport;
using Rapport.Unity;
using UnityEngine;

namespace Tavern
{
    /// <summary>A talk with one person: words, and replies by the keys 1 to 5, Escape ends it.</summary>
    public sealed class Talk : MonoBehaviour
    {
        private const float Height = 190f;
        private const int FontSize = 18;

        private readonly Story _story = new Story();
        private Person _person;
        private string _line = "";

        /// <summary>Whether a talk goes on.</summary>
        public bool IsOpen => _person != null;

        /// <summary>Whether something is so in the story of this evening.</summary>
        public bool IsTrue(string name)
        {
            return Equals(_story[name], true);
        }

        /// <summary>Begins to talk.</summary>
        public void Begin(Person person)
        {
            _person = person;
            Show(person.Dialogue.Start(_story));
        }

        /// <summary>Gives a reply, from 0.</summary>
        public void Choose(int place)
        {
            List<Fields> replies = _person.Dialogue.Replies(_line, _story);
            if (place >= replies.Count)
            {
                return;
            }
            Fields reply = replies[place];
            Fields changes = reply.Map("changes");
            _story.Apply(changes);
            foreach (string name in changes.Names)
            {
                _person.Reactor.SetContext(name, _story[name]);
            }
            Tell("traveller", _story.Filled(reply.Text("say")), "player", _line + "." + place);
            string moment = reply.Text("marks");
            if (moment.Length > 0 && RapportClient.Instance != null && RapportClient.Instance.IsConnected)
            {
                RapportClient.Instance.Mark(moment);
            }
            string next = reply.Text("to");
            if (next.Length > 0)
            {
                Show(next);
            }
            else
            {
                End();
            }
        }

        /// <summary>Ends the talk.</summary>
        public void End()
        {
            _person = null;
            _line = "";
        }

        private void Show(string line)
        {
            _line = line;
            Tell(_person.Title, _story.Filled(_person.Dialogue.Words(line, _person.Reactions)), "npc", line);
        }

        // The player's words are evidence too; those of others are context.
        private void Tell(string speaker, string text, string role, string line)
        {
            RapportClient client = RapportClient.Instance;
            if (client != null && client.IsConnected)
            {
                client.Say(speaker, text, role, _person.Reactor.Npc + "." + line);
            }
        }

        private void OnGUI()
        {
            if (!IsOpen)
            {
                return;
            }
            var place = new Rect(40, Screen.height - Height - 24, Screen.width - 80, Height);
            GUI.Box(place, "");
            GUI.Box(place, "");
            GUILayout.BeginArea(new Rect(place.x + 20, place.y + 12, place.width - 40, place.height - 24));
            var words = new GUIStyle(GUI.skin.label) { fontSize = FontSize, wordWrap = true };
            GUILayout.Label(_person.Title + ":  " + _story.Filled(_person.Dialogue.Words(_line, _person.Reactions)), words);
            List<Fields> replies = _person.Dialogue.Replies(_line, _story);
            for (int i = 0; i < replies.Count; i++)
            {
                if (GUILayout.Button((i + 1) + "  " + _story.Filled(replies[i].Text("say")), new GUIStyle(GUI.skin.button) { fontSize = FontSize - 2 }) || Pressed(KeyCode.Alpha1 + i))
                {
                    Choose(i);
                    break;
                }
            }
            GUILayout.EndArea();
            if (Pressed(KeyCode.Escape))
            {
                End();
            }
        }

        private static bool Pressed(KeyCode key)
        {
            Event now = Event.current;
            bool pressed = now.type == EventType.KeyDown && now.keyCode == key;
            if (pressed)
            {
                now.Use();
            }
            return pressed;
        }
    }
}
