using System.Collections.Generic;

namespace Rapport
{
    /// <summary>Keeps a lease over a connection of its own, so that a slow request does not end it.</summary>
    internal sealed class LeaseKeeper
    {
        /// <summary>A lease holds 1.5 s and is taken anew every 0.5 s: two may be lost.</summary>
        private const double LeaseS = 1.5;

        private const int RenewMs = 500;

        /// <summary>How long the end waits for its answer, so that closing does not overtake it.</summary>
        private const int EndMs = 300;

        private const int SliceMs = 50;

        /// <summary>Least time between two connections for a lease.</summary>
        private const int RetryMs = 1000;

        private readonly ControlLink _link;
        private readonly INetworkListener _listener;
        private readonly Worker _replies;
        private readonly Worker _beat;
        private readonly long _beganMs = Clock.NowMs;
        private string _refused = "";

        public LeaseKeeper(SidecarFile sidecar, string app, string name, INetworkListener listener)
        {
            _listener = listener;
            _link = new ControlLink(sidecar, app, name);
            _replies = new Worker("rapport lease", _link.Run);
            _beat = new Worker("rapport lease beat", Beat);
        }

        /// <summary>Whether it has broken off by itself, and another one may be tried.</summary>
        public bool Ended => _replies.Ended && Clock.NowMs - _beganMs > RetryMs;

        /// <summary>Ends the lease, if the sidecar still hears it, and stops.</summary>
        public void End()
        {
            _beat.Stop();
            if (_link.IsUp && !_replies.Ended)
            {
                var answered = new System.Threading.ManualResetEvent(false);
                _link.Ask("lease.end", null, new Request { Done = reply => answered.Set() });
                answered.WaitOne(EndMs);
            }
            _replies.Stop();
            _link.FailAll(Codes.Stopped, "the lease was ended");
        }

        private void Beat(Worker me)
        {
            var fields = new Dictionary<string, object> { { "seconds", LeaseS } };
            while (!me.Stopping && !_replies.Ended)
            {
                bool ask = _link.IsUp;
                if (ask)
                {
                    _link.Ask("lease.take", fields, new Request { Done = OnTaken });
                }
                me.Sleep(ask ? RenewMs : SliceMs);
            }
        }

        private void OnTaken(Reply reply)
        {
            if (reply.Code != _refused && reply.Code != Codes.Stopped)
            {
                _refused = reply.Code;
                if (!reply.Ok)
                {
                    _listener.OnWarning(reply.Code, "the lease could not be taken: " + reply.What);
                }
            }
        }
    }
}
