using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.Events;

namespace Rapport.Unity
{
    /// <summary>A UnityEvent that carries the name of a reaction and its strength.</summary>
    [Serializable]
    public sealed class NamedReactionEvent : UnityEvent<string, float> { }

    /// <summary>Lets a character react: a profile, events for your code, bindings for what needs none.</summary>
    /// <remarks>
    /// It tells the sidecar the profile and the context when it is enabled and when either has
    /// changed; the client does so again after every reconnection.
    /// </remarks>
    [AddComponentMenu("Rapport/Rapport Reactor")]
    public sealed class RapportReactor : MonoBehaviour
    {
        /// <summary>Edits that come thick and fast, such as a slider that is dragged, are sent this often at most.</summary>
        private const float PushEveryS = 0.15f;

        [Tooltip("When the character reacts.")]
        [SerializeField] private RapportProfile _profile;

        [Tooltip("The character's id: letters, digits, dots, dashes, underscores. Empty: the name of the game object.")]
        [SerializeField] private string _npc = "";

        [SerializeField] private List<RapportBinding> _bindings = new List<RapportBinding>();
        [SerializeField] private NamedReactionEvent _onReactionBegan = new NamedReactionEvent();
        [SerializeField] private NamedReactionEvent _onReactionUpdated = new NamedReactionEvent();
        [SerializeField] private NamedReactionEvent _onReactionEnded = new NamedReactionEvent();

        private readonly Dictionary<string, float> _active = new Dictionary<string, float>();
        private readonly Dictionary<string, object> _context = new Dictionary<string, object>();
        private readonly Dictionary<string, object> _unsent = new Dictionary<string, object>();
        private RapportClient _client;
        private RapportProfile _watched;
        private bool _profileUnsent;
        private float _pushWait;

        /// <summary>A reaction of this character has begun: its name, its strength, all of it.</summary>
        public event Action<string, float, Reaction> ReactionBegan;

        /// <summary>The strength of a reaction that goes on has changed.</summary>
        public event Action<string, float, Reaction> ReactionUpdated;

        /// <summary>A reaction has ended.</summary>
        public event Action<string, Reaction> ReactionEnded;

        /// <summary>The sidecar has refused the profile; the sentence names line, key and what may be meant.</summary>
        public event Action<string> ProfileRefused;

        /// <summary>When the character reacts.</summary>
        public RapportProfile Profile
        {
            get => _profile;
            set
            {
                _profile = value;
                Watch();
                _profileUnsent = true;
            }
        }

        /// <summary>The id under which the sidecar knows this character.</summary>
        public string Npc
        {
            get => _npc.Length > 0 ? _npc : Names.AsId(name);
            set => _npc = value;
        }

        /// <summary>What the reactions move.</summary>
        public List<RapportBinding> Bindings => _bindings;

        /// <summary>The names of the reactions that go on.</summary>
        public ICollection<string> Active => _active.Keys;

        /// <summary>All that was told with <see cref="SetContext"/>.</summary>
        public IReadOnlyDictionary<string, object> Context => _context;

        /// <summary>Whether a reaction goes on.</summary>
        public bool IsActive(string reaction)
        {
            return _active.ContainsKey(reaction);
        }

        /// <summary>How strong a reaction is, 0 … 1; 0 while it does not go on.</summary>
        public float StrengthOf(string reaction)
        {
            return _active.TryGetValue(reaction, out float strength) ? strength : 0f;
        }

        /// <summary>Tells a variable of your game, which the profile reads as `context.NAME`.</summary>
        /// <param name="variable">Letters, digits, dots, dashes, underscores.</param>
        /// <param name="value">A number, a boolean, a text of at most 64 characters; null: not known any more.</param>
        public void SetContext(string variable, object value)
        {
            if (_context.TryGetValue(variable, out object before) && Equals(before, value))
            {
                return;
            }
            if (value == null)
            {
                _context.Remove(variable);
            }
            else
            {
                _context[variable] = value;
            }
            _unsent[variable] = value;
        }

        private void OnEnable()
        {
            _profileUnsent = true;
            Watch();
        }

        private void OnDisable()
        {
            Watch(null);
            Leave();
            foreach (RapportBinding binding in _bindings)
            {
                binding.Restore();
            }
            _active.Clear();
        }

        private void Update()
        {
            if (_client != RapportClient.Instance)
            {
                Leave();
                Join(RapportClient.Instance);
            }
            float delta = Time.deltaTime;
            foreach (RapportBinding binding in _bindings)
            {
                binding.Move(StrengthOf(binding.Reaction), delta);
            }
            _pushWait -= Time.unscaledDeltaTime;
            if (_client != null && _pushWait <= 0 && (_profileUnsent || _unsent.Count > 0))
            {
                _pushWait = PushEveryS;
                Push();
            }
        }

        private void Join(RapportClient client)
        {
            _client = client;
            if (client != null)
            {
                client.ReactionBegan += OnBegan;
                client.ReactionUpdated += OnUpdated;
                client.ReactionEnded += OnEnded;
                _profileUnsent = true;
                foreach (KeyValuePair<string, object> known in _context)
                {
                    _unsent[known.Key] = known.Value;
                }
            }
        }

        private void Leave()
        {
            if (!ReferenceEquals(_client, null))
            {
                _client.ReactionBegan -= OnBegan;
                _client.ReactionUpdated -= OnUpdated;
                _client.ReactionEnded -= OnEnded;
                if (_client == RapportClient.Instance && _client != null && _profile != null)
                {
                    _client.ClearProfile(Npc);
                }
                _client = null;
            }
        }

        // The connection keeps what it is told for the next sidecar, so nothing waits for one here.
        private void Push()
        {
            if (_profileUnsent)
            {
                _profileUnsent = false;
                if (_profile != null && _profile.Reactions.Count > 0)
                {
                    PushProfile(_client, Npc, _profile.ToJson());
                }
                else
                {
                    _client.ClearProfile(Npc);
                }
            }
            if (_unsent.Count > 0 && _profile != null)
            {
                _client.SetContext(Npc, new Dictionary<string, object>(_unsent));
                _unsent.Clear();
            }
        }

        private async void PushProfile(RapportClient client, string npc, string json)
        {
            Reply reply = await client.SetProfile(npc, json);
            if (reply.Code == "profile_invalid")
            {
                Debug.LogWarning("Rapport: the profile of " + Npc + " is not used: " + reply.What, this);
                ProfileRefused?.Invoke(reply.What);
            }
        }

        private void OnBegan(Reaction reaction)
        {
            if (reaction.Npc == Npc)
            {
                _active[reaction.Name] = (float)reaction.Strength;
                ReactionBegan?.Invoke(reaction.Name, (float)reaction.Strength, reaction);
                _onReactionBegan.Invoke(reaction.Name, (float)reaction.Strength);
            }
        }

        private void OnUpdated(Reaction reaction)
        {
            if (reaction.Npc == Npc)
            {
                _active[reaction.Name] = (float)reaction.Strength;
                ReactionUpdated?.Invoke(reaction.Name, (float)reaction.Strength, reaction);
                _onReactionUpdated.Invoke(reaction.Name, (float)reaction.Strength);
            }
        }

        private void OnEnded(Reaction reaction)
        {
            if (reaction.Npc == Npc)
            {
                _active.Remove(reaction.Name);
                ReactionEnded?.Invoke(reaction.Name, reaction);
                _onReactionEnded.Invoke(reaction.Name, 0f);
            }
        }

        private void Watch()
        {
            Watch(isActiveAndEnabled ? _profile : null);
        }

        private void Watch(RapportProfile profile)
        {
            if (!ReferenceEquals(_watched, null))
            {
                _watched.Changed -= OnProfileChanged;
            }
            _watched = profile;
            if (!ReferenceEquals(profile, null))
            {
                profile.Changed += OnProfileChanged;
            }
        }

        private void OnProfileChanged()
        {
            _profileUnsent = true;
        }
    }
}
