using System;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>The way from a game to Rapport: the player's emotion state, reactions, consent.</summary>
    /// <remarks>
    /// Knows no engine. All of it belongs to one thread, the one that calls <see cref="Pump"/> once
    /// a frame: there, and nowhere else, its events are raised and its answers given. It never
    /// waits for the sidecar, gives the newest state only and every event in order, and looks for a
    /// sidecar again when one is gone. Without any, the game plays on: the state is then unknown.
    /// An exception of a handler leaves Pump; what waits behind it comes with the next call.
    /// </remarks>
    public sealed partial class RapportConnection : IDisposable
    {
        /// <summary>A state that was fed holds for this long against those of a sidecar.</summary>
        private const int FedMs = 1000;

        private static readonly string[] ConsentKinds = { "consent_granted", "consent_revoked" };

        private static readonly string[] StatusKinds =
        {
            "status", "consent_granted", "consent_revoked", "paused", "resumed", "recording_began", "recording_ended",
        };

        private readonly string _name;
        private readonly string _directory;
        private readonly EmotionState _unknown = new EmotionState();
        private readonly EmotionState _fed = new EmotionState();
        private readonly Dictionary<string, string> _conditions = new Dictionary<string, string>();
        private NewestState _newest = new NewestState();
        private Inbox _inbox;
        private Network _network;
        private long _fedMs = -FedMs;
        private bool _wantsCapture = true;

        /// <param name="app">Id of the application: 1 to 64 letters, digits, dots, dashes and
        /// underscores, the first a letter or digit, the last no dot. Consent is given to it.</param>
        /// <param name="name">Its name, for people; 1 to 64 characters.</param>
        /// <param name="runtimeDirectory">Where to look for sidecars; null: where they are by default.</param>
        /// <exception cref="ArgumentException">The id or the name is not of that form.</exception>
        public RapportConnection(string app, string name, string runtimeDirectory = null)
        {
            if (!IsId(app))
            {
                throw new ArgumentException("letters, digits, dots, dashes and underscores, at most 64", nameof(app));
            }
            if (string.IsNullOrEmpty(name) || name.Length > 64)
            {
                throw new ArgumentException("1 to 64 characters", nameof(name));
            }
            App = app;
            _name = name;
            _directory = runtimeDirectory;
            State = _unknown;
        }

        /// <summary>There is a new state, at most one per <see cref="Pump"/>; or none is known any more.</summary>
        public event Action<EmotionState> StateChanged;

        /// <summary>A reaction has fired.</summary>
        public event Action<Reaction> ReactionBegan;

        /// <summary>The strength of a reaction has changed.</summary>
        public event Action<Reaction> ReactionUpdated;

        /// <summary>A reaction has ended.</summary>
        public event Action<Reaction> ReactionEnded;

        /// <summary>What is the matter with a signal has changed: modality, condition, the one before (empty: none).</summary>
        public event Action<string, string, string> ConditionChanged;

        /// <summary>The player has allowed something or taken it back.</summary>
        public event Action<SidecarStatus> ConsentChanged;

        /// <summary>A sidecar is connected, or is not (any more), with one of <see cref="Codes"/> or a refusal's.</summary>
        public event Action<bool, string> ConnectionChanged;

        /// <summary>What is captured, or may be, has changed.</summary>
        public event Action<SidecarStatus> StatusChanged;

        /// <summary>Something happened; reactions come here too, those of other applications included.</summary>
        public event Action<RapportEvent> EventReceived;

        /// <summary>Something for the developer's console, with its code. Nothing personal is in it.</summary>
        public event Action<string, string> Warned;

        /// <summary>The newest state. Never null; unknown before the first, and while no sidecar is heard.</summary>
        /// <remarks>It is used again for later states: good until the next <see cref="Pump"/>.</remarks>
        public EmotionState State { get; private set; }

        /// <summary>Whether a sidecar is connected and sends states.</summary>
        public bool IsConnected { get; private set; }

        /// <summary>What the sidecar does just now. Never null; empty while none is connected.</summary>
        public SidecarStatus Status { get; private set; } = SidecarStatus.None;

        /// <summary>What the sidecar said of itself at the connection: version, models, languages.</summary>
        public Fields Welcome { get; private set; } = Fields.None;

        /// <summary>Id of this application.</summary>
        public string App { get; }

        /// <summary>States and events that were none, since the start.</summary>
        public int Refused => _network?.InvalidMessages ?? 0;

        /// <summary>Events that were sent and could not be had, since the start.</summary>
        public int MissedEvents => _network?.MissedEvents ?? 0;

        /// <summary>Whether the game needs the capture now; while it does, a lease keeps the devices open.</summary>
        public bool WantsCapture
        {
            get => _wantsCapture;
            set
            {
                _wantsCapture = value;
                if (_network != null)
                {
                    _network.LeaseWanted = value;
                }
            }
        }

        /// <summary>Begins to look for a sidecar, in the background. Idempotent.</summary>
        public void Start()
        {
            if (_network == null)
            {
                _inbox = new Inbox(this);
                string directory = Discovery.Directory(_directory, Discovery.ThisMachine);
                _network = new Network(directory, App, _name, _newest, _inbox) { LeaseWanted = _wantsCapture };
            }
        }

        /// <summary>
        /// Ends the lease and the connections and waits for the threads, some milliseconds. What is
        /// still waited for is answered with `stopped`. Idempotent; it may be started again.
        /// </summary>
        public void Stop()
        {
            Network network = _network;
            if (network == null)
            {
                return;
            }
            _inbox.Close();
            _network = null;
            network.Stop();
            _newest = new NewestState();
            if (IsConnected)
            {
                Disconnect(Codes.Stopped);
            }
            EndAsked();
            EndWaitingFor();
        }

        public void Dispose()
        {
            Stop();
        }

        /// <summary>Delivers what has come since the last call. To be called once a frame; never waits.</summary>
        public void Pump()
        {
            _inbox?.Deliver();
            if (IsConnected && Clock.NowMs - _fedMs >= FedMs && _newest.TryTake())
            {
                TakeNewest();
            }
        }

        /// <summary>Takes a state from the game instead of a sidecar: a mock, a mood that the player chose.</summary>
        /// <remarks>For a second it holds against those of a sidecar.</remarks>
        public void FeedState(EmotionState state)
        {
            if (state != _fed)
            {
                _fed.CopyFrom(state);
            }
            _fedMs = Clock.NowMs;
            SetState(_fed);
        }

        /// <summary>Takes an event from the game instead of a sidecar.</summary>
        public void FeedEvent(RapportEvent happened)
        {
            Deliver(happened);
        }

        internal void Connect(Fields welcome, bool anew)
        {
            IsConnected = true;
            Welcome = welcome;
            if (anew)
            {
                PushProfiles();
            }
            AskStatus(false);
            ConnectionChanged?.Invoke(true, "");
        }

        internal void Disconnect(string code)
        {
            bool was = IsConnected;
            IsConnected = false;
            Welcome = Fields.None;
            Status = SidecarStatus.None;
            if (was)
            {
                _conditions.Clear();
                State = _unknown;
                StateChanged?.Invoke(State);
                StatusChanged?.Invoke(Status);
                EndActive();
            }
            ConnectionChanged?.Invoke(false, code);
        }

        internal void Warn(string code, string what)
        {
            Warned?.Invoke(code, what);
        }

        /// <summary>Whether the protocol takes it for the name of an application, a character or a moment.</summary>
        internal static bool IsId(string name)
        {
            if (string.IsNullOrEmpty(name) || name.Length > 64 || name[name.Length - 1] == '.')
            {
                return false;
            }
            for (int i = 0; i < name.Length; i++)
            {
                char c = name[i];
                bool plain = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
                if (!plain && (i == 0 || ".-_".IndexOf(c) < 0))
                {
                    return false;
                }
            }
            return true;
        }

        // The state before was given back to the network by now, so in any case there is another.
        private void TakeNewest()
        {
            if (Clock.NowNs - _newest.Reading.ReceivedNs < StateStream.FreshNs)
            {
                SetState(_newest.Reading);
            }
            else
            {
                State = _unknown; // it waited here while the game did something else for long
            }
        }

        private void SetState(EmotionState state)
        {
            State = state;
            for (int i = 0; i < state.Modalities.Count; i++)
            {
                string modality = state.Modalities[i].Name, condition = state.Modalities[i].Condition;
                _conditions.TryGetValue(modality, out string before);
                if (condition != before)
                {
                    _conditions[modality] = condition;
                    ConditionChanged?.Invoke(modality, condition, before ?? "");
                }
            }
            StateChanged?.Invoke(state);
        }

        private void AskStatus(bool consent)
        {
            if (Welcome == Fields.None)
            {
                return; // it takes no requests
            }
            Ask("status", null, reply =>
            {
                if (reply.Ok && IsConnected)
                {
                    Status = new SidecarStatus(reply.Fields);
                    StatusChanged?.Invoke(Status);
                    if (consent)
                    {
                        ConsentChanged?.Invoke(Status);
                    }
                }
            });
        }
    }
}
