namespace Rapport
{
    /// <summary>The connections to one sidecar.</summary>
    internal sealed class Session
    {
        private readonly Worker[] _workers;
        private readonly StateStream _states;
        private readonly EventStream _events;

        public Session(SidecarFile sidecar, string app, string name, NewestState newest, History history, INetworkListener listener)
        {
            Sidecar = sidecar;
            Control = new ControlLink(sidecar, app, name);
            _states = new StateStream(sidecar, newest, listener);
            _events = new EventStream(sidecar, Control, history, listener);
            var states = new Worker("rapport states", _states.Run);
            var events = new Worker("rapport events", _events.Run);
            _workers = Control.IsOffered
                ? new[] { states, events, new Worker("rapport control", Control.Run) }
                : new[] { states, events };
        }

        public SidecarFile Sidecar { get; }

        public ControlLink Control { get; }

        /// <summary>Whether everything goes through, and a state has come.</summary>
        public bool IsUp => _states.HeardMs > 0 && _events.IsUp && (Control.IsUp || !Control.IsOffered);

        /// <summary>When a state came last, in ms on <see cref="Clock"/>.</summary>
        public long HeardMs => _states.HeardMs;

        public int Invalid => _states.Invalid + _events.Invalid;

        /// <summary>Why it is over; null: it is not.</summary>
        public LinkException Failure
        {
            get
            {
                foreach (Worker worker in _workers)
                {
                    if (worker.Ended)
                    {
                        return worker.Failure ?? new LinkException(Codes.ConnectionLost, "the connection has ended");
                    }
                }
                return null;
            }
        }

        /// <summary>Ends all connections and waits for their threads.</summary>
        public void Stop(string code, string what)
        {
            foreach (Worker worker in _workers)
            {
                worker.Cancel();
            }
            Control.FailAll(code, what);
            foreach (Worker worker in _workers)
            {
                worker.Stop();
            }
        }
    }
}
