using System;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>Finds a sidecar, stays connected to it, and looks for another when it is silent or gone.</summary>
    internal sealed class Network
    {
        /// <summary>The least and the longest time between two attempts; it doubles from one to the other.</summary>
        private const int PauseFirstMs = 100, PauseMaxMs = 1000;

        /// <summary>States come twenty times a second; after so long without one the sidecar is gone or hangs.</summary>
        private const int SilentMs = 1000;

        /// <summary>A handshake may take 5 s and hello as long.</summary>
        private const int UpMs = 10000;

        private const int TickMs = 20;

        private readonly string _directory;
        private readonly string _app;
        private readonly string _name;
        private readonly NewestState _newest;
        private readonly INetworkListener _listener;
        private readonly History _history = new History();
        private readonly Worker _worker;
        private volatile Session _session;
        private volatile bool _leaseWanted;
        private int _invalid;
        private string _told = "";

        public Network(string directory, string app, string name, NewestState newest, INetworkListener listener)
        {
            _directory = directory;
            _app = app;
            _name = name;
            _newest = newest;
            _listener = listener;
            _worker = new Worker("rapport", Run);
        }

        public bool LeaseWanted
        {
            set => _leaseWanted = value;
        }

        public int MissedEvents => _history.Missed;

        /// <summary>Messages of all connections that were refused.</summary>
        public int InvalidMessages => System.Threading.Volatile.Read(ref _invalid) + (_session?.Invalid ?? 0);

        public void Ask(string op, IDictionary<string, object> fields, Action<Reply> done)
        {
            ControlLink control = _session?.Control;
            if (control == null || !control.IsUp)
            {
                bool refused = control != null && !control.IsOffered;
                done(Reply.Failed(
                    refused ? Codes.NotAvailable : Codes.SidecarNotFound,
                    refused ? "this sidecar takes no requests" : "no sidecar is connected"));
                return;
            }
            control.Ask(op, fields, new Request { Done = done });
        }

        /// <summary>Ends the lease and all connections, and waits for their threads.</summary>
        public void Stop()
        {
            _worker.Stop();
        }

        private void Run(Worker me)
        {
            for (int pause = PauseFirstMs; !me.Stopping; pause = Math.Min(2 * pause, PauseMaxMs))
            {
                if (Attempt(me))
                {
                    pause = PauseFirstMs;
                }
                me.Sleep(pause);
            }
        }

        // Tries the sidecars that run, the newest first, and stays with the first that lets it in.
        // Returns whether one did.
        private bool Attempt(Worker me)
        {
            var why = new LinkException(Codes.SidecarNotFound, "no sidecar was found in " + _directory);
            foreach (SidecarFile sidecar in Discovery.FindAll(_directory))
            {
                if (sidecar.Encrypted)
                {
                    why = new LinkException(Codes.AccessDenied, "the sidecar wants CURVE, which this bridge does not speak");
                    continue;
                }
                var session = new Session(sidecar, _app, _name, _newest, _history, _listener);
                _session = session;
                bool wasUp = false;
                try
                {
                    why = Watch(me, session, ref wasUp);
                }
                finally
                {
                    _session = null;
                    session.Stop(Codes.ConnectionLost, "the connection to the sidecar has ended");
                    System.Threading.Interlocked.Add(ref _invalid, session.Invalid);
                }
                if (wasUp || me.Stopping)
                {
                    Tell(me.Stopping ? Codes.Stopped : why.Code, why.Message);
                    return wasUp;
                }
            }
            Tell(why.Code, why.Message);
            return false;
        }

        // Stays until the session is over; returns why it is.
        private LinkException Watch(Worker me, Session session, ref bool wasUp)
        {
            LeaseKeeper lease = null;
            try
            {
                bool isSilent = false;
                long began = Clock.NowMs, looked = began;
                for (; !me.Stopping; me.Sleep(TickMs))
                {
                    LinkException failure = session.Failure;
                    if (failure != null)
                    {
                        return failure;
                    }
                    long now = Clock.NowMs;
                    if (!wasUp)
                    {
                        if (now - began > UpMs)
                        {
                            return new LinkException(Codes.SidecarSilent, "the sidecar sends no states or does not answer");
                        }
                        wasUp = session.IsUp;
                        if (wasUp)
                        {
                            _told = "";
                            _listener.OnConnected(session.Control.Welcome ?? Fields.None, true);
                        }
                        continue;
                    }
                    bool wasSilent = isSilent;
                    isSilent = now - session.HeardMs > SilentMs;
                    if (isSilent && now - looked > SilentMs)
                    {
                        looked = now;
                        List<SidecarFile> running = Discovery.FindAll(_directory);
                        if (running.Count > 0 && !running[0].IsSame(session.Sidecar))
                        {
                            return new LinkException(Codes.SidecarSilent, "the sidecar is silent, and another one runs");
                        }
                    }
                    if (isSilent && !wasSilent)
                    {
                        Tell(Codes.SidecarSilent, "the sidecar sends no states");
                    }
                    else if (wasSilent && !isSilent)
                    {
                        _told = "";
                        _listener.OnConnected(session.Control.Welcome ?? Fields.None, false);
                    }
                    lease = KeepLease(lease, session);
                }
                return new LinkException(Codes.Stopped, "the connection was stopped");
            }
            finally
            {
                lease?.End();
            }
        }

        private LeaseKeeper KeepLease(LeaseKeeper lease, Session session)
        {
            if (lease != null && (!_leaseWanted || lease.Ended))
            {
                lease.End();
                lease = null;
            }
            if (lease == null && _leaseWanted && session.Control.IsOffered)
            {
                lease = new LeaseKeeper(session.Sidecar, _app, _name, _listener);
            }
            return lease;
        }

        private void Tell(string code, string what)
        {
            if (code != _told)
            {
                _told = code;
                _listener.OnDisconnected(code, what);
            }
        }
    }
}
