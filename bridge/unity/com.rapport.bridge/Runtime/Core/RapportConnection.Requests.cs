using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace Rapport
{
    /// <content>What a game may ask for. Every answer is given in <see cref="Pump"/>.</content>
    public sealed partial class RapportConnection
    {
        /// <summary>`profile.context` takes no more values at once.</summary>
        private const int ContextValuesMax = 64;

        private readonly List<Action<Reply>> _asked = new List<Action<Reply>>();
        private readonly Dictionary<string, string> _profiles = new Dictionary<string, string>();

        private readonly Dictionary<string, Dictionary<string, object>> _contexts =
            new Dictionary<string, Dictionary<string, object>>();

        /// <summary>Asks the sidecar for anything that bridge/protocol/SPEC.md lists.</summary>
        /// <param name="op">What is asked, such as `devices.list`.</param>
        /// <param name="fields">Its fields: null, bool, numbers, texts, collections and dictionaries of these; or null.</param>
        /// <param name="done">Gets the reply: the sidecar's, or after 5 s that there is none.</param>
        public void Ask(string op, IDictionary<string, object> fields, Action<Reply> done)
        {
            if (_network == null)
            {
                done(Reply.Failed(Codes.Stopped, "the connection was not started"));
                return;
            }
            Inbox inbox = _inbox;
            _asked.Add(done);
            _network.Ask(op, fields, reply => inbox.Put(() =>
            {
                if (_asked.Remove(done))
                {
                    done(reply);
                }
            }));
        }

        /// <summary>The same, to be awaited.</summary>
        public Task<Reply> Ask(string op, IDictionary<string, object> fields = null)
        {
            var answered = new TaskCompletionSource<Reply>();
            Ask(op, fields, reply => answered.TrySetResult(reply));
            return answered.Task;
        }

        /// <summary>Lets a character react by a profile, now and after every reconnection.</summary>
        /// <param name="npc">The character.</param>
        /// <param name="profileJson">The profile in JSON; docs/reactions.md describes it.</param>
        /// <returns>The reply; without a sidecar it says so, and the profile is kept for one.</returns>
        public Task<Reply> SetProfile(string npc, string profileJson)
        {
            _profiles[npc] = profileJson;
            return Ask("profile.set", ProfileFields(npc));
        }

        /// <summary>Lets a character react no more.</summary>
        public Task<Reply> ClearProfile(string npc)
        {
            _profiles.Remove(npc);
            _contexts.Remove(npc);
            return Ask("profile.clear", Named("npc", npc));
        }

        /// <summary>
        /// Tells the game's own variables to the profile of a character: bool, number or short text;
        /// null: not known any more. Those that are not named stay.
        /// </summary>
        /// <remarks>The sidecar takes 200 requests a second: tell changes, not every frame.</remarks>
        public Task<Reply> SetContext(string npc, IDictionary<string, object> values)
        {
            if (!_contexts.TryGetValue(npc, out Dictionary<string, object> context))
            {
                _contexts[npc] = context = new Dictionary<string, object>();
            }
            foreach (KeyValuePair<string, object> value in values)
            {
                context[value.Key] = value.Value;
            }
            return Ask("profile.context", ContextFields(npc, values));
        }

        /// <summary>Tells a line of dialogue: a character's when it is shown, the player's when it was said, typed or chosen.</summary>
        /// <param name="speaker">Who said it.</param>
        /// <param name="text">What was said; never kept or logged.</param>
        /// <param name="role">`player` or `npc`; the player's lines are evidence, a character's are what came before them.</param>
        /// <param name="line">The game's own id of the line; comes back in <see cref="EmotionState.Conversation"/>.</param>
        /// <param name="seconds">How long it took to say aloud, until now, at most 600; null: it was not, or nobody knows.</param>
        public Task<Reply> Say(string speaker, string text, string role = "player", string line = "", double? seconds = null)
        {
            var fields = new Dictionary<string, object>
            {
                { "speaker", speaker }, { "text", text }, { "role", role }, { "line", line },
            };
            if (seconds.HasValue)
            {
                fields["seconds"] = seconds.Value; // a sidecar before schema 5 knows no such field
            }
            return Ask("dialogue", fields);
        }

        /// <summary>
        /// Names a moment, good or bad: from now on <see cref="EmotionState.Moments"/> says how the
        /// player has taken it. Named again, it begins anew.
        /// </summary>
        /// <param name="moment">Its name, such as `betrayal`: 1 to 64 letters, digits, dots, dashes
        /// and underscores, the first a letter or digit, the last no dot.</param>
        /// <param name="atNs">When it was, on the sidecar's clock, such as the
        /// <see cref="EmotionState.CapturedNs"/> of a state; null: now.</param>
        public Task<Reply> Mark(string moment, long? atNs = null)
        {
            return Ask("dialogue.mark", new Dictionary<string, object> { { "moment", moment }, { "at_ns", atNs } });
        }

        /// <summary>The text that must be shown before consent is asked for.</summary>
        public Task<Reply> ConsentText(string language = "en")
        {
            return Ask("consent.text", Named("language", language));
        }

        /// <summary>The player has seen a text and allows something.</summary>
        /// <param name="permissions">`camera`, `microphone`, `recording`, `text`.</param>
        /// <param name="text">The fields of the answer to <see cref="ConsentText"/>.</param>
        public Task<Reply> GrantConsent(IReadOnlyCollection<string> permissions, Fields text)
        {
            return Ask("consent.grant", new Dictionary<string, object>
            {
                { "permissions", new List<string>(permissions) },
                { "language", text.Text("language") },
                { "text_version", text.Text("version") },
            });
        }

        /// <summary>Takes permissions back; devices are closed before the answer comes.</summary>
        public Task<Reply> RevokeConsent(IReadOnlyCollection<string> permissions)
        {
            return Ask("consent.revoke", Named("permissions", new List<string>(permissions)));
        }

        /// <summary>Stops all capture, for every application, until <see cref="Resume"/>.</summary>
        public Task<Reply> Pause()
        {
            return Ask("pause");
        }

        /// <summary>Ends a pause.</summary>
        public Task<Reply> Resume()
        {
            return Ask("resume");
        }

        /// <summary>How much of the machine the sidecar may use: `off`, `menu` or `full`.</summary>
        public Task<Reply> SetDuty(string level)
        {
            return Ask("duty", Named("level", level));
        }

        /// <summary>Learns the player's resting face in the next five seconds.</summary>
        public Task<Reply> StartBaseline(string profile = "player")
        {
            return Ask("baseline.start", Named("profile", profile));
        }

        private static Dictionary<string, object> Named(string name, object value)
        {
            return new Dictionary<string, object> { { name, value } };
        }

        private static Dictionary<string, object> ContextFields(string npc, IDictionary<string, object> values)
        {
            return new Dictionary<string, object> { { "npc", npc }, { "values", values } };
        }

        private Dictionary<string, object> ProfileFields(string npc)
        {
            return new Dictionary<string, object> { { "npc", npc }, { "profile", _profiles[npc] }, { "format", "json" } };
        }

        // A sidecar that was started anew knows nothing of what was told to the one before.
        private void PushProfiles()
        {
            foreach (string npc in _profiles.Keys)
            {
                Push("profile.set", ProfileFields(npc), npc);
            }
            foreach (KeyValuePair<string, Dictionary<string, object>> context in _contexts)
            {
                var some = new Dictionary<string, object>();
                foreach (KeyValuePair<string, object> value in context.Value)
                {
                    some[value.Key] = value.Value;
                    if (some.Count == ContextValuesMax)
                    {
                        Push("profile.context", ContextFields(context.Key, some), context.Key);
                        some = new Dictionary<string, object>();
                    }
                }
                if (some.Count > 0)
                {
                    Push("profile.context", ContextFields(context.Key, some), context.Key);
                }
            }
        }

        private void Push(string op, IDictionary<string, object> fields, string npc)
        {
            Ask(op, fields, reply =>
            {
                if (!reply.Ok)
                {
                    Warn(reply.Code, op + " of " + npc + ": " + reply.What);
                }
            });
        }

        private void EndAsked()
        {
            var asked = new List<Action<Reply>>(_asked);
            _asked.Clear();
            foreach (Action<Reply> done in asked)
            {
                done(Reply.Failed(Codes.Stopped, "the connection was stopped"));
            }
        }
    }
}
