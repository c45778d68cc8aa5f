using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using UnityEngine;
using UnityEngine.Events;

namespace Rapport.Unity
{
    /// <summary>A UnityEvent that carries a state.</summary>
    [Serializable]
    public sealed class StateEvent : UnityEvent<EmotionState> { }

    /// <summary>A UnityEvent that carries a reaction.</summary>
    [Serializable]
    public sealed class ReactionEvent : UnityEvent<Reaction> { }

    /// <summary>A UnityEvent that carries whether a sidecar is connected.</summary>
    [Serializable]
    public sealed class ConnectionEvent : UnityEvent<bool> { }

    /// <summary>The way from a game to Rapport: the player's emotion state, reactions, consent.</summary>
    /// <remarks>
    /// Put one into the first scene; it lives on through the others. It never waits for the sidecar,
    /// delivers on the main thread only, and looks for a sidecar again when one is gone. Without
    /// any, the game plays on: <see cref="State"/> is then unknown.
    /// </remarks>
    [AddComponentMenu("Rapport/Rapport Client")]
    [DefaultExecutionOrder(-1000)]
    [DisallowMultipleComponent]
    public sealed class RapportClient : MonoBehaviour
    {
        /// <summary>How long a running sidecar is looked for before one is started.</summary>
        private const float StartAfterS = 0.6f;

        [Tooltip("Consent is given to this id, for example org.example.tavern. Empty: the application's own.")]
        [SerializeField] private string _applicationId = "";

        [Tooltip("Where the sidecar leaves its file. Empty: where it does by default.")]
        [SerializeField] private string _runtimeDirectory = "";

        [Tooltip("Starts the sidecar if none runs. It ends with the game.")]
        [SerializeField] private bool _autostart = true;

        [Tooltip("The sidecar's program: a path, or a name that the system finds. A relative path begins at the folder of the game.")]
        [SerializeField] private string _command = "rapport";

        [Tooltip("What it is given on top of `run --lease --parent-pid`, for example --profile mira=mira.toml.")]
        [SerializeField] private string[] _arguments = new string[0];

        [Tooltip("Whether devices may be open now: a lease holds them.")]
        [SerializeField] private bool _wantsCapture = true;

        [SerializeField] private StateEvent _onStateChanged = new StateEvent();
        [SerializeField] private ReactionEvent _onReactionBegan = new ReactionEvent();
        [SerializeField] private ReactionEvent _onReactionUpdated = new ReactionEvent();
        [SerializeField] private ReactionEvent _onReactionEnded = new ReactionEvent();
        [SerializeField] private ConnectionEvent _onConnectionChanged = new ConnectionEvent();

        private readonly SidecarLauncher _launcher = new SidecarLauncher();
        private RapportConnection _connection;
        private float _enabledAt;

        /// <summary>The client of this game; null before the first, and after the last.</summary>
        public static RapportClient Instance { get; private set; }

        /// <summary>There is a new state, at most one a frame.</summary>
        public event Action<EmotionState> StateChanged;

        /// <summary>A reaction has fired.</summary>
        public event Action<Reaction> ReactionBegan;

        /// <summary>The strength of a reaction has changed.</summary>
        public event Action<Reaction> ReactionUpdated;

        /// <summary>A reaction has ended.</summary>
        public event Action<Reaction> ReactionEnded;

        /// <summary>What is the matter with a signal has changed: modality, condition, the one before.</summary>
        public event Action<string, string, string> ConditionChanged;

        /// <summary>The player has allowed something or taken it back.</summary>
        public event Action<SidecarStatus> ConsentChanged;

        /// <summary>A sidecar is connected, or is not any more, and why.</summary>
        public event Action<bool, string> ConnectionChanged;

        /// <summary>What is captured has changed.</summary>
        public event Action<SidecarStatus> StatusChanged;

        /// <summary>Something happened; reactions come here too.</summary>
        public event Action<RapportEvent> EventReceived;

        /// <summary>The connection itself, for what is not here.</summary>
        public RapportConnection Connection => _connection;

        /// <summary>The newest state. Never null; unknown while nothing is known.</summary>
        public EmotionState State => _connection.State;

        /// <summary>Whether a sidecar is connected and sends states.</summary>
        public bool IsConnected => _connection.IsConnected;

        /// <summary>What the sidecar does just now. An indicator shows what is captured, and nothing else.</summary>
        public SidecarStatus Status => _connection.Status;

        /// <summary>The id of this application; consent is given to it.</summary>
        public string App => _connection.App;

        /// <summary>The reactions that go on just now.</summary>
        public IReadOnlyList<Reaction> ActiveReactions => _connection.ActiveReactions;

        /// <summary>Whether the game needs the capture now; while it does, a lease keeps the devices open.</summary>
        public bool WantsCapture
        {
            get => _wantsCapture;
            set
            {
                _wantsCapture = value;
                if (_connection != null)
                {
                    _connection.WantsCapture = value;
                }
            }
        }

        /// <summary>Whether a signal (`frustration`, `valence`, `face.quality` …) is at least this high; false while it is not known.</summary>
        /// <remarks>For conditions in dialogue tools. For anything that should begin and end, use a profile.</remarks>
        public bool PlayerFeels(string signal, double level)
        {
            double? value = State.ValueOf(signal);
            return value.HasValue && value.Value >= level;
        }

        /// <summary>Whether a reaction of a character goes on.</summary>
        public bool IsReacting(string npc, string reaction)
        {
            foreach (Reaction active in ActiveReactions)
            {
                if (active.Npc == npc && active.Name == reaction)
                {
                    return true;
                }
            }
            return false;
        }

        /// <summary>Asks the sidecar for anything that bridge/protocol/SPEC.md lists.</summary>
        public Task<Reply> Ask(string op, IDictionary<string, object> fields = null) => _connection.Ask(op, fields);

        /// <summary>Waits until a reaction begins, of one character or of anybody.</summary>
        public Task<Reaction> WaitFor(string reactionName, string npc = "") => _connection.WaitFor(reactionName, npc);

        /// <summary>Lets a character react by a profile in JSON, now and after every reconnection.</summary>
        public Task<Reply> SetProfile(string npc, string profileJson) => _connection.SetProfile(npc, profileJson);

        /// <summary>Lets a character react no more.</summary>
        public Task<Reply> ClearProfile(string npc) => _connection.ClearProfile(npc);

        /// <summary>Tells the game's own variables to the profile of a character.</summary>
        public Task<Reply> SetContext(string npc, IDictionary<string, object> values) => _connection.SetContext(npc, values);

        /// <summary>Tells a line of dialogue: a character's when it is shown, the player's when it was said, typed or chosen.</summary>
        /// <param name="speaker">Who said it.</param>
        /// <param name="text">What was said; never kept or logged.</param>
        /// <param name="role">`player` or `npc`; the player's lines are evidence, a character's are what came before them.</param>
        /// <param name="line">Your own id of the line.</param>
        /// <param name="seconds">How long it took to say aloud, until now; null: it was not, or nobody knows.</param>
        public Task<Reply> Say(string speaker, string text, string role = "player", string line = "", double? seconds = null)
            => _connection.Say(speaker, text, role, line, seconds);

        /// <summary>Names a moment, good or bad: <c>State.Moments</c> then says how the player has taken it.</summary>
        /// <param name="moment">Its name, such as `betrayal`: letters, digits, dots, dashes, underscores.</param>
        /// <param name="atNs">When it was, on the sidecar's clock, such as a state's CapturedNs; null: now.</param>
        public Task<Reply> Mark(string moment, long? atNs = null) => _connection.Mark(moment, atNs);

        /// <summary>The text that must be shown before consent is asked for.</summary>
        public Task<Reply> ConsentText(string language = "en") => _connection.ConsentText(language);

        /// <summary>The player has seen a text and allows these.</summary>
        public Task<Reply> GrantConsent(IReadOnlyCollection<string> permissions, Fields text)
            => _connection.GrantConsent(permissions, text);

        /// <summary>Takes permissions back; devices are closed before the answer comes.</summary>
        public Task<Reply> RevokeConsent(IReadOnlyCollection<string> permissions) => _connection.RevokeConsent(permissions);

        /// <summary>Stops all capture until <see cref="Resume"/>.</summary>
        public Task<Reply> Pause() => _connection.Pause();

        /// <summary>Ends a pause.</summary>
        public Task<Reply> Resume() => _connection.Resume();

        /// <summary>How much of the machine the sidecar may use: `off`, `menu` or `full`.</summary>
        public Task<Reply> SetDuty(string level) => _connection.SetDuty(level);

        /// <summary>Learns the player's resting face in the next five seconds.</summary>
        public Task<Reply> StartBaseline(string profile = "player") => _connection.StartBaseline(profile);

        /// <summary>Takes a state from the game instead of a sidecar: a mock, a mood that the player chose.</summary>
        public void FeedState(EmotionState state) => _connection.FeedState(state);

        /// <summary>Takes an event from the game instead of a sidecar.</summary>
        public void FeedEvent(RapportEvent happened) => _connection.FeedEvent(happened);

        // With domain reload off, a static field outlives the play mode that set it.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void Forget()
        {
            Instance = null;
        }

        private void OnEnable()
        {
            if (Instance != null && Instance != this)
            {
                // A scene that is loaded again brings another one.
                Destroy(gameObject);
                return;
            }
            Instance = this;
            if (transform.parent == null)
            {
                DontDestroyOnLoad(gameObject);
            }
            string directory = _runtimeDirectory.Length > 0 ? _runtimeDirectory : null;
            _connection = new RapportConnection(ApplicationId(), ApplicationName(), directory) { WantsCapture = _wantsCapture };
            Listen(_connection);
            _connection.Start();
            _enabledAt = Time.realtimeSinceStartup;
        }

        private void OnDisable()
        {
            if (Instance != this)
            {
                return;
            }
            _connection.Dispose();
            Instance = null;
        }

        private void Update()
        {
            if (Instance != this)
            {
                return;
            }
            _connection.Pump();
            bool waited = Time.realtimeSinceStartup - _enabledAt > StartAfterS;
            if (_autostart && waited && !IsConnected && !_launcher.WasTried && !IsAnyRunning())
            {
                string problem = _launcher.Start(_command, _arguments);
                if (problem.Length > 0)
                {
                    Debug.Log("Rapport: the sidecar was not started, the game plays on without it: " + problem);
                }
            }
        }

        private void Listen(RapportConnection connection)
        {
            connection.StateChanged += state =>
            {
                StateChanged?.Invoke(state);
                _onStateChanged.Invoke(state);
            };
            connection.ReactionBegan += reaction =>
            {
                ReactionBegan?.Invoke(reaction);
                _onReactionBegan.Invoke(reaction);
            };
            connection.ReactionUpdated += reaction =>
            {
                ReactionUpdated?.Invoke(reaction);
                _onReactionUpdated.Invoke(reaction);
            };
            connection.ReactionEnded += reaction =>
            {
                ReactionEnded?.Invoke(reaction);
                _onReactionEnded.Invoke(reaction);
            };
            connection.ConnectionChanged += (connected, code) =>
            {
                ConnectionChanged?.Invoke(connected, code);
                _onConnectionChanged.Invoke(connected);
            };
            connection.Warned += (code, what) => Debug.Log("Rapport: " + what + " [" + code + "]");
            connection.ConditionChanged += (modality, condition, before) => ConditionChanged?.Invoke(modality, condition, before);
            connection.ConsentChanged += status => ConsentChanged?.Invoke(status);
            connection.StatusChanged += status => StatusChanged?.Invoke(status);
            connection.EventReceived += happened => EventReceived?.Invoke(happened);
        }

        private bool IsAnyRunning()
        {
            string directory = _runtimeDirectory.Length > 0 ? _runtimeDirectory : null;
            return Discovery.FindAll(Discovery.Directory(directory, Discovery.ThisMachine)).Count > 0;
        }

        private string ApplicationId()
        {
            if (_applicationId.Length > 0)
            {
                return _applicationId;
            }
            string own = Application.identifier;
            return own.Length > 0 ? own : "game." + Names.AsId(Application.productName);
        }

        private static string ApplicationName()
        {
            string name = Application.productName;
            return name.Length == 0 ? "Unity game" : name.Length > 64 ? name.Substring(0, 64) : name;
        }
    }
}
