using System.Collections.Generic;
using Rapport;

namespace Tavern
{
    /// <summary>What one person has to say: the same files as in the Godot sample.</summary>
    public sealed class Dialogue
    {
        private const int RepliesMax = 5;

        private readonly List<Fields> _starts;
        private readonly Fields _lines;
        private readonly Fields _barks;
        private readonly Dictionary<string, int> _barked = new Dictionary<string, int>();

        public Dialogue(string json)
        {
            Json.TryRead(json, out object value);
            var data = new Fields(value as IDictionary<string, object> ?? new Dictionary<string, object>());
            _starts = data.Maps("starts");
            _lines = data.Map("lines");
            _barks = data.Map("barks");
        }

        /// <summary>The first line of a talk: the first start that the story allows.</summary>
        public string Start(Story story)
        {
            foreach (Fields start in _starts)
            {
                if (story.Allows(start.Map("needs")))
                {
                    return start.Text("line");
                }
            }
            return "";
        }

        /// <summary>The words of a line while some reactions go on; the first that changes them does.</summary>
        public string Words(string line, IEnumerable<string> reactions)
        {
            Fields entry = _lines.Map(line);
            Fields others = entry.Map("when");
            foreach (string reaction in reactions)
            {
                string words = others.Text(reaction);
                if (words.Length > 0)
                {
                    return words;
                }
            }
            return entry.Text("say");
        }

        /// <summary>The replies that the story allows, in their order.</summary>
        public List<Fields> Replies(string line, Story story)
        {
            var found = new List<Fields>();
            foreach (Fields reply in _lines.Map(line).Maps("replies"))
            {
                if (found.Count < RepliesMax && story.Allows(reply.Map("needs")))
                {
                    found.Add(reply);
                }
            }
            return found;
        }

        /// <summary>What is called out when a reaction begins, another one each time; empty: nothing.</summary>
        public string Bark(string reaction)
        {
            List<string> choice = _barks.Texts(reaction);
            if (choice.Count == 0)
            {
                return "";
            }
            _barked.TryGetValue(reaction, out int next);
            _barked[reaction] = next + 1;
            return choice[next % choice.Count];
        }
    }
}
